// Make the calls of a table with the built TypeScript package, in a separate folder. Arguments: TABLE ANSWERS.
import { readFileSync, writeFileSync } from "node:fs";

import * as sdk from "misarmail";

interface Row {
  readonly group: string;
  readonly method: string;
  readonly iterator: string;
  readonly url: string;
  readonly credentials: { readonly api_key?: string; readonly session?: string };
  readonly path: object;
  readonly query: object;
  readonly header: object;
  readonly body: unknown;
  readonly prefer: string | null;
  readonly tamper: "type" | "cut" | "pad" | "method" | "flaky" | null;
  readonly iterate: number | null;
}

interface Webhook {
  readonly secret: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Method = (input: object) => Promise<unknown> & AsyncIterable<unknown>;

/** Sends requests, changed as a row says; records the status of the last response and the idempotency keys that were sent. */
class OnTheWay {
  status = 0;
  attempts = 0;
  readonly keys = new Set<string>();

  constructor(private readonly tamper: Row["tamper"]) {}

  readonly fetch = async (request: Request): Promise<Response> => {
    this.attempts += 1;
    this.keys.add(request.headers.get("Idempotency-Key") ?? "");
    if (this.tamper === "flaky" && this.attempts <= 2) {
      return new Response("", { status: 503, headers: { "Retry-After": "0" } });
    }
    const response = await fetch(await this.changed(request));
    this.status = response.status;
    return response;
  };

  private async changed(request: Request): Promise<Request> {
    const { url, headers } = request;
    const text = await request.text();
    switch (this.tamper) {
      case "type":
        headers.set("Content-Type", "application/x-www-form-urlencoded");
        return new Request(url, { method: request.method, headers, body: text });
      case "cut":
        return new Request(url, { method: request.method, headers, body: "{" });
      case "pad":
        return new Request(url, { method: request.method, headers, body: text + " ".repeat(2000) });
      case "method":
        return new Request(url, { method: "PURGE", headers });
      default:
        return new Request(url, { method: request.method, headers, ...(text === "" ? {} : { body: text }) });
    }
  }
}

async function called(client: sdk.Client, row: Row, way: OnTheWay): Promise<object> {
  const group = client[row.group as keyof sdk.Client] as unknown as Record<string, Method>;
  const name = row.iterate === null ? row.method : row.iterator;
  const body = row.body === null ? {} : { body: row.body };
  const answer = group[name]!({ path: row.path, query: row.query, header: row.header, ...body });
  if (row.iterate === null) {
    return { answer: typeof (await answer), count: null, status: way.status };
  }
  let count = 0;
  for await (const _ of answer) {
    count += 1;
  }
  return { count, status: way.status };
}

async function tried(row: Row): Promise<object> {
  const way = new OnTheWay(row.tamper);
  const warned: string[] = [];
  const { api_key: apiKey, session } = row.credentials;
  const client = new sdk.Client({
    baseUrl: row.url,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(session === undefined ? {} : { session }),
    headers: row.prefer === null ? {} : { Prefer: row.prefer },
    retries: { attempts: row.tamper === "flaky" ? 4 : 1 },
    fetch: way.fetch,
    warn: (sentence) => warned.push(sentence),
  });
  const found = await called(client, row, way).catch((error: unknown) => failed(error, way));
  return { ...found, attempts: way.attempts, keys: way.keys.size, deprecated: warned.length > 0 };
}

function failed(error: unknown, way: OnTheWay): object {
  if (!(error instanceof sdk.ApiError)) {
    return { status: way.status, failure: String(error) };
  }
  const hasFields = Object.keys(error.fieldErrors).length + error.formErrors.length > 0;
  const about = { status: error.status, error: error.constructor.name, code: error.code ?? null, request_id: error.requestId ?? null };
  return { ...about, retry_after: error.retryAfter ?? null, has_fields: hasFields };
}

async function verified(row: Webhook): Promise<object> {
  const event: sdk.WebhookEvent = await sdk.verify(row.body, row.headers, row.secret);
  try {
    await sdk.verify(`${row.body} `, row.headers, row.secret);
  } catch (error) {
    if (error instanceof sdk.WebhookVerificationError) {
      return { status: 200, event: event.id };
    }
  }
  return { status: 200, failure: "a changed body was taken" };
}

/** Never called: the compiler checks the parameters, responses and lists of operations here. */
export async function typed(client: sdk.Client, connection: sdk.Connection): Promise<string> {
  const contact: sdk.ContactCreate = { email: "ada@example.com" };
  const added: sdk.ContactResponse = await sdk.createContact(connection, { body: contact }, { timeout: 5, idempotencyKey: "order-4711" });
  const events: sdk.Stream<sdk.CampaignProgress> = await client.campaigns.streamCampaign({ path: { campaign_id: added.contact.id } });
  for await (const event of events) {
    return event.campaign_id;
  }
  const made = await client.templates.createTemplate({ body: { name: "Hi", subject: "Hi", body_html: "<p>Hi</p>" } });
  const page = await client.templates.listTemplates();
  const answers: number = page.total;
  for await (const contact of client.contacts.iterContacts({ query: { limit: 10 } })) {
    return contact.email;
  }
  // @ts-expect-error a subject is needed
  await client.templates.createTemplate({ body: { name: "Hi" } });
  // @ts-expect-error an id is needed
  await client.templates.getTemplate();
  return `${made.template.id} of ${answers}`;
}

const [table, answers] = process.argv.slice(2) as [string, string];
const rows = readFileSync(table, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as Row | Webhook);
const lines: string[] = [];
for (const row of rows) {
  lines.push(JSON.stringify("secret" in row ? await verified(row) : await tried(row)));
}
writeFileSync(answers, `${lines.join("\n")}\n`);
