// Make and sign as many mails as asked: nodemailer with its own DKIM, what varies filled into the page for each recipient.
import { readFileSync } from "node:fs";
import { createTransport } from "nodemailer";

const [folder, seconds] = process.argv.slice(2);
const page = readFileSync(`${folder}/page.html`, "utf8");
const text = readFileSync(`${folder}/text.txt`, "utf8");
const dkim = { domainName: "example.com", keySelector: "mm", privateKey: readFileSync(`${folder}/rsa.pem`, "utf8") };
const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows", dkim });
const fill = (source, number) => source.replace(/\{\{(\w+)\}\}/g, (_, name) => (name === "first_name" ? `Ada${number}` : `https://mail.example/u/${number}`));

async function mail(number) {
    const sent = await transport.sendMail({
        from: "Shop <news@example.com>",
        to: `ada${number}@example.org`,
        subject: fill("{{first_name}}, everything is 20 % off", number),
        html: fill(page, number),
        text: fill(text, number),
        headers: { "List-Unsubscribe": `<https://mail.example/u/${number}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
    });
    return sent.message;
}

async function run(milliseconds) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    let count = 0;
    while (performance.now() - start < milliseconds) await mail(count++);
    const { user, system } = process.cpuUsage(used);
    return (user + system) / count;
}

await run(1000);
console.log(JSON.stringify({ microseconds: await run(seconds * 1000), bytes: (await mail(1)).length }));
