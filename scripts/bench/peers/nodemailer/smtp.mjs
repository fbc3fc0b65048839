// Send as many mails as asked over ten kept connections: nodemailer with its own DKIM, what varies filled into the page for each recipient.
import { readFileSync } from "node:fs";
import { createTransport } from "nodemailer";

const [folder, port, count] = process.argv.slice(2);
const page = readFileSync(`${folder}/page.html`, "utf8");
const dkim = { domainName: "example.com", keySelector: "mm", privateKey: readFileSync(`${folder}/rsa.pem`, "utf8") };
const transport = createTransport({
    host: "127.0.0.1", port: Number(port), pool: true, maxConnections: 10, maxMessages: 100, ignoreTLS: true, newline: "windows", dkim,
});

async function mail(number) {
    await transport.sendMail({
        from: "news@example.com",
        to: `person${number}@receiver${number % 50}.example`,
        subject: `Hello Ada ${number}`,
        html: page.replaceAll("{{first_name|friend}}", `Ada ${number}`).replaceAll("{{company}}", "Analytical Engines"),
        headers: { "List-Unsubscribe": `<https://mail.example/u/${number}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
    });
}

async function run(from, to) {
    let next = from;
    const worker = async () => { while (next < to) await mail(next++); };
    await Promise.all(Array.from({ length: 20 }, worker));
}

await run(0, 200);
const used = process.cpuUsage();
await run(200, 200 + Number(count));
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ microseconds: (user + system) / Number(count), sent: Number(count) }));
transport.close();
