// Compile the generated TypeScript package without checking its types, and make the calls of a table. Arguments: PACKAGE TABLE OUTCOMES PORT TOOLS.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, table, outcomes, port, tools] = process.argv.slice(2);

async function compiled() {
  const ts = createRequire(join(tools, "package.json"))("typescript");
  const output = join(folder, "cross");
  mkdirSync(output, { recursive: true });
  for (const file of readdirSync(join(folder, "src"))) {
    const source = readFileSync(join(folder, "src", file), "utf8");
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    writeFileSync(join(output, file.replace(/\.ts$/, ".js")), ts.transpileModule(source, { compilerOptions: options }).outputText);
  }
  writeFileSync(join(output, "package.json"), '{"type": "module"}');
  return import(pathToFileURL(join(output, "index.js")).href);
}

const sdk = await compiled();

/** The values of a table: bytes and parts with headers are objects with one member. */
function decoded(value) {
  if (Array.isArray(value)) {
    return value.map(decoded);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  if ("$bytes" in value) {
    return new Uint8Array(Buffer.from(value.$bytes, "base64"));
  }
  if ("$bigint" in value) {
    return BigInt(value.$bigint);
  }
  if ("$file" in value) {
    return new sdk.FormFile(decoded(value.$file), { headers: value.headers });
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decoded(item)]));
}

/** A result as JSON: files and bytes as in a table, streams as lists. */
async function encoded(value) {
  if (value !== null && typeof value === "object") {
    if (typeof value.bytes === "function") {
      return { $bytes: Buffer.from(await value.bytes()).toString("base64") };
    }
    if (Symbol.asyncIterator in value) {
      const items = [];
      for await (const item of value) {
        items.push(item);
      }
      return items;
    }
  }
  return value === undefined ? null : value;
}

let current = 0;
const sent = (request) => {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set("X-Cross-Call", `typescript ${current}`);
  const target = `http://127.0.0.1:${port}${request.url.slice(url.origin.length)}`;
  return fetch(new Request(target, { method: request.method, headers, body: request.body, redirect: request.redirect, duplex: "half" }));
};

async function outcome(client, call) {
  const group = client[call.group];
  const options = call.accept === null ? {} : { accept: call.accept };
  try {
    return { kind: "result", value: await encoded(await group[call.name](decoded(call.input), options)) };
  } catch (error) {
    if (error instanceof sdk.ApiError) {
      return { kind: "error", status: error.status, value: error.body, text: error.constructor.name };
    }
    const isRefused = error instanceof RangeError || error.cause instanceof RangeError;
    return { kind: isRefused ? "refused" : "failure", text: `${error.name}: ${error.message}` };
  }
}

const { base, credentials, calls } = JSON.parse(readFileSync(table, "utf8"));
const client = new sdk.Client({ baseUrl: `http://127.0.0.1:${port}${base}`, ...credentials, retries: { attempts: 1 }, fetch: sent, warn: () => {} });
const results = {};
for (const call of calls) {
  current = call.number;
  results[call.number] = await outcome(client, call);
}
writeFileSync(outcomes, JSON.stringify(results, (_, value) => (typeof value === "bigint" ? { $bigint: String(value) } : value)));
