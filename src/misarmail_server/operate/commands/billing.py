"""`misarmail billing`."""

from contract import command_options, terminal
from contract.command_options import JsonOption
from misarmail_server.operate.options import EmailArgument

app = command_options.group("List and confirm ordered plans.")


@app.command(epilog=command_options.examples("misarmail billing orders", "misarmail billing orders --json"))
def orders(*, as_json: JsonOption = False) -> None:
    """List the orders that wait for confirmation, oldest first."""
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import billing

    with database.migrated(settings.load()) as store, store.read() as connection:
        waiting = billing.waiting(connection)
    if as_json:
        terminal.print_json([{"email": order.email, "plan": order.plan, "period": order.period} for order in waiting])
    elif waiting:
        rows = [(order.email, order.plan, order.period) for order in waiting]
        terminal.print_table(("Account", "Plan", "Period"), rows, ["  ".join(row) for row in rows])
    else:
        print("No pending orders")


@app.command(epilog=command_options.examples("misarmail billing confirm ada@example.com"))
def confirm(email: EmailArgument) -> None:
    """Give an account the plan it ordered."""
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import billing

    with database.migrated(settings.load()) as store:
        plan = store.write(lambda connection: billing.confirm(connection, database.account_id(connection, email)))
    print(f"{email} has the plan {plan}")
