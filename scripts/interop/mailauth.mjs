// What mailauth says of the DKIM signatures of each file: one line, `algorithm=result` in order.
import { readFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

const [server, ...files] = process.argv.slice(2);
const dns = new Resolver();
dns.setServers([server]);
for (const file of files) {
    const { results } = await dkimVerify(readFileSync(file), { resolver: (name, type) => dns.resolve(name, type) });
    console.log(results.map(one => `${one.algo}=${one.status.result}`).sort().join(" "));
}
