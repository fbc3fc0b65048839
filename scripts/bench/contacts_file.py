"""A CSV file of many generated contacts in random order; names repeat as real names do."""

import csv
import random
import sys
from pathlib import Path

SYLLABLES = ["ka", "lo", "mi", "ren", "ta", "vo", "bel", "dor", "an", "ish", "mar", "tin", "so", "phi", "ja", "kob"]


def main(count: int, path: Path) -> None:
    """Write the file."""
    luck = random.Random(7)  # noqa: S311 - test data
    names = sorted({"".join(luck.choices(SYLLABLES, k=luck.randint(2, 3))).title() for _ in range(3000)})
    companies = [f"{luck.choice(names)} {luck.choice(names)} {luck.choice(['Ltd', 'GmbH', 'Inc'])}" for _ in range(20_000)]
    numbers = list(range(count))
    luck.shuffle(numbers)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Email", "First Name", "Last Name", "Company", "Tags", "Plan"])
        for number in numbers:
            first, last = luck.choice(names), luck.choice(names)
            email = f"{first}.{last}.{number}@example{number % 997}.com"
            tag = luck.choice(["", "newsletter", "vip", "lead"])
            writer.writerow([email, first, last, luck.choice(companies), tag, luck.choice(["free", "gold"])])


main(int(sys.argv[1]), Path(sys.argv[2]))
