// Uses the packages of documents.yaml as their users would; writes what each case did as JSON. Argument: the file to write.
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";

import * as bodies from "./bodies/src/index.js";
import * as exact from "./integers_bigint/src/index.js";
import * as integers from "./integers/src/index.js";
import * as pages from "./pages/src/index.js";
import * as shapes from "./shapes/src/index.js";
import * as styles from "./styles/src/index.js";
import * as styled from "./styles/src/parameters.js";

type Answer = (request: Request) => Response | Promise<Response>;

/** A server that gives the answers in turn and keeps the requests. */
function server(...answers: Answer[]) {
  const requests: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    requests.push(request.clone());
    const answer = answers[Math.min(requests.length, answers.length) - 1]!;
    return answer(request);
  };
  return { requests, options: { baseUrl: "https://api.example.com/v1/", fetch, retries: { sleep: async () => undefined } } };
}

const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Answer => {
  return () => new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json", ...headers } });
};
const body = (text: string, type: string, status = 200): Answer => () => new Response(text, { status, headers: { "Content-Type": type } });
const nothing: Answer = () => new Response(null, { status: 204 });
const broken: Answer = () => {
  throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
};

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const result: Item[] = [];
  for await (const item of items) {
    result.push(item);
  }
  return result;
}

async function thrown(call: () => Promise<unknown>): Promise<{ [name: string]: unknown }> {
  try {
    return { returned: await call() };
  } catch (error) {
    return error as { [name: string]: unknown };
  }
}

async function failure(call: () => Promise<unknown>): Promise<unknown> {
  const { name, message, reason, status, body: text } = await thrown(call);
  return { name, message, ...(reason === undefined ? {} : { reason, status, body: text }) };
}

/** Never called: the compiler checks it. */
export function typed(shape: shapes.AnyShape, content: shapes.Content, animal: shapes.Animal, reading: shapes.Reading): unknown {
  const [count, unit]: [number, string] = reading.span;
  const total: number | undefined = reading.scores?.total;
  const patch: shapes.ItemPatch = { name: "a" };
  const bug: shapes.BugInput = { name: "a", password: "b", owner: { mail: "c" } };
  // @ts-expect-error absent is not null
  const empty: shapes.ItemPatch = { name: null };
  // @ts-expect-error absent is not undefined
  const absent: shapes.ItemPatch = { name: undefined };
  // @ts-expect-error a constant has one value
  const other: shapes.ItemPatch = { delete: false };
  // @ts-expect-error an answer has no password
  const password = (answer: shapes.Bug) => answer.password;
  // @ts-expect-error the server sets the id
  const sent: shapes.BugInput = { id: 1, name: "a", password: "b" };
  const patched = (answer: shapes.Patched): string => answer.name;
  const size = shape.kind === "round" ? shape.radius : shape.side;
  const text = content.type === "Text" ? content.text : content.url;
  const known = animal.species === "cat" ? animal.lives : animal.tricks.length;
  const tree: shapes.Tree = { children: [{ children: [] }] };
  const region: pages.ConnectionOptions = { variables: { region: "eu" } };
  // @ts-expect-error the document lists the regions
  const elsewhere: pages.ConnectionOptions = { variables: { region: "mars" } };
  const big: bigint = ({} as exact.Thing).id;
  return [count, unit, total, patch, bug, empty, absent, other, password, sent, patched, size, text, known, tree, region, elsewhere, big];
}

/** The requests that a parameter makes for some values, or its refusals. */
function parameterised(parameter: styled.Parameter): string[] {
  return ["", "a b&c=ü", "!'()*~", "50%", 7, -0, 1e21, 0.1, true, 9007199254740993n, " x", "a\nb"].map((value) => {
    const target: styled.Target = { segments: {}, query: [], headers: new Headers(), cookies: [] };
    try {
      parameter.add(target, parameter.style, value);
    } catch (error) {
      return (error as Error).name;
    }
    return JSON.stringify([target.segments, target.query, [...target.headers]]);
  });
}

const CASES: Record<string, () => Promise<unknown>> = {
  "the styles of a query": async () => {
    const { requests, options } = server(nothing);
    const query = { filter: { name: "a b", size: 3 }, space: ["x", "y"], pipe: [1, 2], comma: ["a,b", "c"], many: [1, 2], pair: { a: 1, b: "z" } };
    await styles.searchThings(new styles.Connection(options), {
      query: { ...query, json: { q: "ü" }, to: "/a?b" },
      header: { "X-F": { R: 1 } },
      cookie: { sid: "a;b" },
    });
    const [request] = requests;
    return [request!.url, request!.headers.get("X-F")];
  },
  "texts are written as their styles write them": async () => [
    parameterised(styled.textInPath("a")).join() === parameterised(styled.inPath("a")).join(),
    parameterised(styled.textInQuery("a b")).join() === parameterised(styled.inQuery("a b")).join(),
    parameterised(styled.textInHeader("a")).join() === parameterised(styled.inHeader("a")).join(),
  ],
  "the styles of a path": async () => {
    const { requests, options } = server(nothing);
    await styles.getPlace(new styles.Connection(options), {
      path: { matrix: ["a", "b"], label: [1, 2], simple: [1, 2], point: { x: 1, y: 2 } },
    });
    return requests[0]!.url;
  },
  "a path that would lead elsewhere": () => {
    const { options } = server(nothing);
    return failure(() => styles.getPlace(new styles.Connection(options), { path: { matrix: [], label: [], simple: [], point: {} } }));
  },
  "server-sent events": async () => {
    const frames = '\uFEFF: comment\r\nevent: tick\r\nid: 1\r\ndata: {"n":\r\ndata: 1}\r\n\r\ndata:{"n":2}\n\ndata: [DONE]\n\ndata: {"n": 3}\n\n';
    const { options } = server(body(frames, "text/event-stream"));
    const connection = new bodies.Connection(options);
    const awaited: bodies.Event[] = await all(await bodies.watchEvents(connection));
    return [awaited, await all(bodies.watchEvents(connection))];
  },
  "events with their names": async () => {
    const { options } = server(body("event: tick\nid: 7\nretry: 20\ndata: a\ndata: b\n\ndata: lost", "text/event-stream"));
    return all(new bodies.Client(options).frames.watchFrames());
  },
  "an event that is cut anywhere": async () => {
    const bytes = new TextEncoder().encode('data: {"n": 1}\r\n\r\ndata: {"n": 2, "ü": "😀"}\r\n\r\n');
    const chunked = () => {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          bytes.forEach((_, i) => controller.enqueue(bytes.slice(i, i + 1)));
          controller.close();
        },
      });
      return new Response(stream, { headers: { "Content-Type": "text/event-stream" } });
    };
    const { options } = server(chunked);
    return all(bodies.watchEvents(new bodies.Connection(options)));
  },
  "a stream is closed by leaving its loop": async () => {
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('data: {"n": 1}\n\n')),
      cancel: () => {
        isCancelled = true;
      },
    });
    const { options } = server(() => new Response(stream, { headers: { "Content-Type": "text/event-stream" } }));
    for await (const event of bodies.watchEvents(new bodies.Connection(options))) {
      return [event, await Promise.resolve().then(() => isCancelled)];
    }
    return isCancelled;
  },
  "events whose text is JSON": async () => {
    const { options } = server(body('data: {"n": 1}\n\n', "text/event-stream"));
    const events: bodies.Event[] = await all(bodies.watchTexts(new bodies.Connection(options)));
    return events;
  },
  "a stream that breaks": async () => {
    const failing = (text: string, error?: Error) =>
      new ReadableStream({
        pull(controller) {
          text === "" ? controller.error(error) : controller.enqueue(new TextEncoder().encode(text));
          text = "";
        },
      });
    const read = async (stream: ReadableStream) => {
      const { options } = server(() => new Response(stream, { headers: { "Content-Type": "text/event-stream" } }));
      const items: unknown[] = [];
      const error = await thrown(async () => {
        for await (const item of bodies.watchEvents(new bodies.Connection(options))) {
          items.push(item);
        }
      });
      return [items, error["name"], error["message"]];
    };
    return [
      await read(failing('data: {"n": 1}\n\n', new TypeError("terminated"))),
      await read(failing('data: {"n": 1}\n\ndata: {"n"\n\n', new TypeError("terminated"))),
      await read(failing('data: {"n": 1}\n\n', new Error("enough"))),
    ];
  },
  "a line that is too long": async () => {
    const { options } = server(body('data: {"n": 1}\n\n' + " ".repeat(21), "text/event-stream"));
    const error = await failure(() => all(bodies.watchEvents(new bodies.Connection({ ...options, maxLineLength: 20 }))));
    const others = await all(bodies.watchEvents(new bodies.Connection(options)));
    return [(error as Error).message, others.length];
  },
  "a refused stream": async () => {
    const { options } = server(json({ code: "gone_away" }, 404));
    const error = await thrown(() => all(bodies.watchEvents(new bodies.Connection(options))));
    return [error instanceof bodies.GoneAwayError, error["status"]];
  },
  "one operation, JSON or events": async () => {
    const answer: Answer = (request) =>
      request.headers.get("Accept") === "text/event-stream"
        ? new Response('data: {"n": 1}\n\n', { headers: { "Content-Type": "text/event-stream" } })
        : new Response('{"n": 0}', { headers: { "Content-Type": "application/json" } });
    const { options } = server(answer);
    const connection = new bodies.Connection(options);
    const whole: bodies.Event = await bodies.createChat(connection, { body: {} });
    const events: bodies.Stream<bodies.Event> = await bodies.createChat(connection, { body: { stream: true } }, { accept: "text/event-stream" });
    return [whole, await all(events)];
  },
  "lines and sequences": async () => {
    const lines = server(body('{"n": 1}\n\n{"n": 2}', "application/x-ndjson"));
    const sequence = server(body('\u001e{"n": 1}\n\u001e{"n":\n2}\n', "application/json-seq"));
    return [
      await all(bodies.listLines(new bodies.Connection(lines.options))),
      await all(bodies.listSequence(new bodies.Connection(sequence.options))),
    ];
  },
  "a file in parts": async () => {
    const headers = { "Content-Type": "image/png", "Content-Disposition": "attachment; filename=\"a.png\"; filename*=UTF-8''%C3%BC.png" };
    const { options } = server(() => new Response(new Uint8Array([0, 255]), { headers }));
    const connection = new bodies.Connection(options);
    const file: bodies.Download = await bodies.getFile(connection);
    const part = await (await bodies.getFile(connection)).stream.getReader().read();
    return [file.contentType, file.fileName, [...(await file.bytes())], [...part.value!]];
  },
  "a streamed upload": async () => {
    const { requests, options } = server(nothing);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array([1, 2]));
        controller.close();
      },
    });
    await bodies.putFile(new bodies.Connection(options), { body: stream, contentType: "image/png" });
    return [requests[0]!.headers.get("Content-Type"), [...new Uint8Array(await requests[0]!.arrayBuffer())]];
  },
  "a body in two media types": async () => {
    const { requests, options } = server(nothing);
    const connection = new bodies.Connection(options);
    await bodies.importThings(connection, { body: [{ n: 1 }] });
    await bodies.importThings(connection, { body: "n\r\n1\r\n", contentType: "text/csv" });
    return Promise.all(requests.map(async (request) => [request.headers.get("Content-Type"), await request.text()]));
  },
  "a form with files": async () => {
    const { requests, options } = server(nothing);
    const file = new bodies.FormFile(new Blob(["x"]), { name: "a.png", headers: { "X-Sum": "7" } });
    await bodies.createUpload(new bodies.Connection(options), { body: { file, products: [{ n: 1 }] } });
    return (await requests[0]!.text()).replace(/--[0-9a-f]{32}/g, "--");
  },
  "an urlencoded form": async () => {
    const { requests, options } = server(nothing);
    await bodies.createForm(new bodies.Connection(options), { body: { a: "x y&", b: [1, 2] } });
    return [requests[0]!.headers.get("Content-Type"), await requests[0]!.text()];
  },
  "a redirection is the answer": async () => {
    const { requests, options } = server(() => new Response(null, { status: 302, headers: { Location: "/x" } }));
    let location: string | null = null;
    const onResponse = (response: Response) => {
      location = response.headers.get("Location");
    };
    const result = await bodies.getMoved(new bodies.Connection(options), undefined, { onResponse });
    return [result ?? null, location, requests[0]!.redirect];
  },
  "a range of statuses and media types": async () => {
    const { options } = server(json({ n: 1 }, 203), body('{"title": "No"}', "application/problem+json", 418));
    const connection = new bodies.Connection(options);
    const event: bodies.Event = await bodies.getRange(connection);
    const error = await thrown(() => bodies.getRange(connection));
    return [event, error instanceof bodies.ClientError, error["message"]];
  },
  "a webhook": async () => {
    const [id, timestamp, text] = ["evt_1", String(Math.floor(Date.now() / 1000)), '{"n": 1}'];
    const signature = createHmac("sha256", Buffer.from("secret")).update(`${id}.${timestamp}.${text}`).digest("base64");
    const headers = { "Webhook-Id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,AAAA v1,${signature}` };
    const event: bodies.WebhookEvent = await bodies.verify(text, headers, ["old", "secret"]);
    const n: number = event.n;
    const errors = [
      await failure(() => bodies.verify(`${text} `, headers, "secret")),
      await failure(() => bodies.verify(text, { ...headers, "webhook-timestamp": "1" }, "secret")),
      await failure(() => bodies.verify(text, {}, "secret")),
      await failure(() => bodies.verify(text, headers, "")),
      await failure(() => bodies.verify(text, headers, ["whsec_", "secret"])),
    ];
    return [n, ...errors.map((error) => (error as { message: string }).message)];
  },
  "an undocumented status": () => {
    const { options } = server(json({ n: 1 }, 202));
    return failure(() => bodies.createChat(new bodies.Connection(options), { body: {} }));
  },
  "an undocumented error": async () => {
    const { options } = server(body("<h1>Bad\u001b \r\n gateway</h1>\u202e", "text/html", 502));
    const error = await thrown(() => bodies.createChat(new bodies.Connection(options), { body: {} }));
    return [error instanceof bodies.UnexpectedStatusError, error["message"], error["body"]];
  },
  "another media type": () => {
    const { options } = server(body("<h1>Hello</h1>", "text/html"));
    return failure(() => bodies.createChat(new bodies.Connection(options), { body: {} }));
  },
  "broken JSON": async () => {
    const { options } = server(body('{"n": ', "application/json"));
    const error = await thrown(() => bodies.createChat(new bodies.Connection(options), { body: {} }));
    return [error instanceof bodies.UnexpectedResponseError, error["reason"], error["body"]];
  },
  "no body": async () => {
    const { options } = server(body("", "application/json"));
    const error = await thrown(() => bodies.createChat(new bodies.Connection(options), { body: {} }));
    return [error["reason"], error["body"]];
  },
  "an integer that no number holds": async () => {
    const { options } = server(body('{"id": 9007199254740993}', "application/json"));
    const connection = new integers.Connection(options);
    return failure(() => integers.putThing(connection, { path: { id: 1 }, body: { id: 1 } }));
  },
  "digits in texts and fractions": async () => {
    const sent = { id: 1, price: 0.12345678901234568, text: '9007199254740993 \\" 9007199254740993' };
    const { options } = server(json(sent));
    return integers.putThing(new integers.Connection(options), { path: { id: 1 }, body: { id: 1 } });
  },
  "bigints": async () => {
    const text =
      '{"id": 9007199254740993, "count": 7, "price": 1, "text": "12345678901234567890", "maximum": 18446744073709551615, ' +
      '"parents": [{"id": 7, "maximum": null}]}';
    const { requests, options } = server(body(text, "application/json"), body('{"id": 1, "count": 9007199254740993}', "application/json"));
    const connection = new exact.Connection(options);
    const thing = await exact.putThing(connection, { path: { id: 9007199254740993n }, body: { id: 9007199254740993n, text: "#1" } });
    const refused = await failure(() => exact.putThing(connection, { path: { id: 1n }, body: { id: 1n } }));
    const shown = JSON.stringify(thing, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
    return [JSON.parse(shown), requests[0]!.url, await requests[0]!.text(), refused];
  },
  "pages by number": async () => {
    const { requests, options } = server(json({ items: ["a", "b"], total: 3 }), json({ items: ["c"], total: 3 }));
    const items = await all(pages.iterByPage(new pages.Connection(options)));
    return [items, requests.map((request) => new URL(request.url).search)];
  },
  "pages that say there are no more": async () => {
    const { requests, options } = server(json({ items: ["a"], has_more: true }), json({ items: ["b"], has_more: false }));
    return [await all(pages.iterByPage(new pages.Connection(options))), requests.length];
  },
  "pages by offset": async () => {
    const { requests, options } = server(json({ items: ["b", "c"], total: 4 }), json({ items: ["d"], total: 4 }));
    const items = await all(pages.iterByOffset(new pages.Connection(options), { query: { offset: 1 } }));
    return [items, requests.map((request) => new URL(request.url).search)];
  },
  "pages by cursor": async () => {
    const { requests, options } = server(json({ items: ["a"], next_cursor: "x" }), json({ items: [], next_cursor: "y" }), json({ items: ["b"], next_cursor: null }));
    const items = await all(new pages.Client(options).byCursor.iterByCursor());
    return [items, requests.map((request) => new URL(request.url).search)];
  },
  "pages of Spring": async () => {
    const { requests, options } = server(json({ content: ["a"], last: false }), json({ content: ["b"], last: true }));
    const items: string[] = await all(pages.iterSpring(new pages.Connection(options), { query: { pageable: { size: 1 } } }));
    return [items, requests.map((request) => new URL(request.url).search)];
  },
  "pages by the cursor of a link": async () => {
    const next = "http://testserver/v1/django?cursor=cD0%3D";
    const { requests, options } = server(json({ results: ["a"], next }), json({ results: ["b"], next: null }));
    const items: string[] = await all(pages.iterDjango(new pages.Connection(options)));
    return [items, requests.map((request) => request.url)];
  },
  "pages by links": async () => {
    const link = '<https://api.example.com/v1/by-link?page=2>; rel="next", <https://api.example.com/v1/by-link?page=9>; rel="last"';
    const { requests, options } = server(json(["a"], 200, { Link: link }), json(["b"], 200, { Link: '</v1/by-link?page=1>; rel="prev"' }));
    const items: string[] = await all(pages.iterByLink(new pages.Connection({ ...options, key: "k" })));
    return [items, requests.map((request) => request.url)];
  },
  "a link to another server": async () => {
    const { requests, options } = server(json(["a"], 200, { Link: '<https://evil.example.net/>; rel="next"' }));
    const error = await failure(() => all(pages.iterByLink(new pages.Connection({ ...options, key: "k" }))));
    return [error, requests.length];
  },
  "retries with one idempotency key": async () => {
    const waits: number[] = [];
    const busy: Answer = () => new Response(null, { status: 503, headers: { "Retry-After": "7" } });
    const { requests, options } = server(busy, broken, json({ id: "o" }, 201));
    const sleep = async (seconds: number) => {
      waits.push(seconds);
    };
    const order = await pages.createOrder(new pages.Connection({ ...options, retries: { sleep } }));
    const keys = new Set(requests.map((request) => request.headers.get("Idempotency-Key")));
    return [order, waits[0], waits[1]! <= 1, requests.length, keys.size, [...keys][0]!.length];
  },
  "no retry without an idempotency key": async () => {
    const { requests, options } = server(broken);
    const error = await failure(() => bodies.createChat(new bodies.Connection(options), { body: {} }));
    return [error, requests.length];
  },
  "the options of a call": async () => {
    const { requests, options } = server(json({ id: "o" }, 201));
    const connection = new pages.Connection({ ...options, headers: { "X-All": "1", "X-One": "1" } });
    await pages.createOrder(connection, {}, { headers: { "X-One": "2" }, idempotencyKey: "order-1" });
    return ["X-All", "X-One", "Idempotency-Key", "Accept"].map((name) => requests[0]!.headers.get(name));
  },
  "an aborted call": async () => {
    const controller = new AbortController();
    const waiting: Answer = (request) => {
      setTimeout(() => controller.abort(new Error("enough")), 0);
      return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
    };
    const { requests, options } = server(waiting);
    const error = await thrown(() => pages.listByPage(new pages.Connection(options), {}, { signal: controller.signal }));
    return [error["message"], requests.length];
  },
  "a late answer": async () => {
    const waiting: Answer = (request) => new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
    const { options } = server(waiting);
    const connection = new pages.Connection(options);
    return failure(() => pages.listByPage(connection, {}, { timeout: 0.01, retries: { attempts: 1 } }));
  },
  "hooks": async () => {
    const seen: unknown[] = [];
    const { requests, options } = server(broken, json({ items: [] }));
    const hooks: pages.Hooks = {
      request: (request, attempt) => request.headers.set("traceparent", `00-${attempt.number}`),
      response: (response, attempt) => void seen.push(["response", attempt.operation, attempt.number, response.status]),
      failure: (error, attempt) => void seen.push(["failure", attempt.number, (error as Error).message]),
    };
    await pages.listByPage(new pages.Connection({ ...options, hooks }));
    return [seen, requests.map((request) => request.headers.get("traceparent"))];
  },
  "the first complete alternative of credentials": async () => {
    const { requests, options } = server(json({ id: "o" }, 201));
    const order = async (credentials: object) => pages.createOrder(new pages.Connection({ ...options, ...credentials }));
    await order({ basic: ["ada", "pässword"], key: "k" });
    await order({ key: "k&", session: "s" });
    await order({ oauth: async () => "token", basic: ["a", "b"] });
    return requests.map(({ url, headers }) => [new URL(url).search, headers.get("Authorization"), headers.get("Cookie")]);
  },
  "credentials that cannot be sent are not shown": async () => {
    const { requests, options } = server(json({ id: "o" }, 201));
    const order = (settings: object, call = {}) =>
      pages.createOrder(new pages.Connection({ ...options, ...settings }), {}, call).catch((error: Error) => [error.name, error.message]);
    return [
      await order({ oauth: "secret\r\nX-Evil: 1" }),
      await order({ key: "k", session: "secret; admin=1" }),
      await order({ headers: { "X-Team": "secret\n" } }),
      await order({}, { headers: { "X-Team": "sécret" } }),
      requests.length,
    ];
  },
  "redirections are not followed": async () => {
    const { requests, options } = server(() => new Response(null, { status: 307, headers: { Location: "https://evil.example.net" } }));
    const connection = new pages.Connection({ ...options, oauth: "token" });
    return [await failure(() => pages.createOrder(connection)).then((error) => (error as Error).message), requests.map(({ redirect }) => redirect)];
  },
  "client credentials": async () => {
    const tokens = server(json({ access_token: "t1", expires_in: 3600 }));
    const { requests, options } = server(json({ id: "o" }, 201));
    const oauth = pages.clientCredentials({
      ...{ clientId: "a:b", clientSecret: "c d~*+", scopes: ["orders"], tokenUrl: pages.TOKEN_URLS.oauth, fetch: tokens.options.fetch },
    });
    const connection = new pages.Connection({ ...options, oauth });
    await Promise.all([pages.createOrder(connection), pages.createOrder(connection)]);
    const [request] = tokens.requests;
    const asked = [request!.url, atob(request!.headers.get("Authorization")!.slice(6)), await request!.text()];
    return [asked, tokens.requests.length, requests.map(({ headers }) => headers.get("Authorization"))];
  },
  "content that the document does not describe": async () => {
    const broken = () => new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) }));
    const { options } = server(() => new Response(new Uint8Array([0, 255])), () => new Response(""), () => new Response(null), broken);
    const connection = new pages.Connection(options);
    const read = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => pages.getUndescribed(connection);
    return [[...(await read())!], (await read()) === undefined, (await read()) === undefined, await failure(read)];
  },
  "a refused token is renewed once": async () => {
    let count = 0;
    const tokens = server(() => new Response(JSON.stringify({ access_token: `t${(count += 1)}` })));
    const refused = new Set<string>();
    const { requests, options } = server((request) => {
      const status = refused.has(request.headers.get("Authorization")!) ? 401 : 201;
      return new Response('{"id": "o"}', { status, headers: { "Content-Type": "application/json" } });
    });
    const oauth = pages.clientCredentials({ clientId: "a", clientSecret: "b", tokenUrl: pages.TOKEN_URLS.oauth, fetch: tokens.options.fetch });
    const connection = new pages.Connection({ ...options, oauth });
    await pages.createOrder(connection);
    refused.add("Bearer t1");
    await pages.createOrder(connection);
    refused.add("Bearer t2").add("Bearer t3");
    const error = await thrown(() => pages.createOrder(connection));
    await thrown(() => pages.createOrder(new pages.Connection({ ...options, oauth: "t1" })));
    const keys = requests.map(({ headers }) => headers.get("Idempotency-Key"));
    return [requests.map(({ headers }) => headers.get("Authorization")), error["status"], new Set(keys).size, keys[1] === keys[2]];
  },
  "refused client credentials": async () => {
    const { options } = server(json({ error: "invalid_client" }, 401));
    return failure(pages.clientCredentials({ clientId: "a", clientSecret: "b", tokenUrl: "https://id.example.com/token", fetch: options.fetch }));
  },
  "the server's variables": async () => {
    const { requests, options } = server(json({ items: [] }));
    const { fetch } = options;
    await pages.listByPage(new pages.Connection({ fetch }));
    await pages.listByPage(new pages.Connection({ fetch, variables: { region: "eu" } }));
    await pages.getElsewhere(new pages.Connection({ fetch: async (request) => (requests.push(request), new Response(null, { status: 204 })) }));
    return [requests.map((request) => request.url), pages.SERVERS];
  },
  "errors of Django and Spring": async () => {
    const said = async (refused: unknown) => {
      const error = await thrown(() => pages.createOrder(new pages.Connection(server(json(refused, 400)).options)));
      return [error["message"], error["fieldErrors"], error["formErrors"]];
    };
    return [
      await said({ name: ["Is blank"], owner: { email: ["Is invalid"] }, lines: [{}, { count: ["Is too large"] }], non_field_errors: ["Is taken"] }),
      await said({ names: ["a"], count: 1 }),
      await said({ status: 400, error: "Bad Request", errors: [{ field: "name", defaultMessage: "Is blank" }, { code: 1 }] }),
    ];
  },
  "an error with a code and fields": async () => {
    const refused = { code: "order_invalid", message: "The order is wrong", errors: [{ field: "lines", message: "Is empty" }] };
    const { options } = server(json(refused, 422, { "X-Request-Id": "r1", "Retry-After": "3" }));
    const error = await thrown(() => pages.createOrder(new pages.Connection(options)));
    const classes = [pages.OrderInvalidError, pages.ApiError, pages.SdkError].map((type) => error instanceof type);
    return [classes, error["name"], error["message"], error["fieldErrors"], error["requestId"], error["retryAfter"]];
  },
};

const results: Record<string, unknown> = {};
for (const [name, run] of Object.entries(CASES)) {
  results[name] = await run().catch((error: unknown) => ({ failed: String(error), stack: (error as Error).stack }));
}
writeFileSync(process.argv[2]!, JSON.stringify(results));
