/** Streams of items: server-sent events, JSON lines and JSON text sequences. */
import { ConnectionFailedError } from "./problems.js";
import { fail, parse, type Reader, type Stream } from "./reading.js";

/** A server-sent event (HTML Living Standard, section 9.2). */
export interface ServerSentEvent<Data = string> {
  readonly event?: string;
  readonly data: Data;
  readonly id?: string;
  readonly retry?: number;
}

/** A stream that is still to come: `await` it for its errors, or iterate over it at once. */
export type Streaming<Item> = Promise<Stream<Item>> & AsyncIterable<Item>;

export function streaming<Item>(call: Promise<Stream<Item>>): Streaming<Item> {
  return Object.assign(call, {
    async *[Symbol.asyncIterator]() {
      yield* await call;
    },
  });
}

/** The data of each event as JSON. An event whose data is `[DONE]` ends the stream. */
export const jsonEvents: Reader<Stream<unknown>> = /* @__PURE__ */ eventsWith((text) => parse(text));

export function eventsWith(decode: (text: string) => unknown): Reader<Stream<unknown>> {
  return streamed(async function* (response, maxLength) {
    for await (const event of eventsOf(response, maxLength)) {
      if (event.data === "[DONE]") {
        return;
      }
      yield decode(event.data);
    }
  });
}

/** The data of each event as text. */
export const textEvents: Reader<Stream<string>> = /* @__PURE__ */ streamed(async function* (response, maxLength) {
  for await (const event of eventsOf(response, maxLength)) {
    yield event.data;
  }
});

/** Each event with its name, its id and its data as text. */
export const fullEvents: Reader<Stream<ServerSentEvent>> = /* @__PURE__ */ streamed(eventsOf);

/** A JSON value in each line (NDJSON, JSON Lines), or after each record separator (RFC 7464). */
export const jsonLines: Reader<Stream<unknown>> = /* @__PURE__ */ linesWith((text) => parse(text));

export function linesWith(decode: (text: string) => unknown): Reader<Stream<unknown>> {
  return streamed(async function* (response, maxLength) {
    const isSequence = /json-seq/i.test(response.headers.get("content-type") ?? "");
    for await (const line of split(response, isSequence ? /\u001e/ : /\r?\n/, maxLength)) {
      if (line.trim() !== "") {
        yield decode(line);
      }
    }
  });
}

function streamed<Item>(generate: (response: Response, maxLength?: number) => Stream<Item>): Reader<Stream<Item>> {
  const read: Reader<Stream<Item>> = (_, response, operation, maxLength) => guarded(operation, response, generate(response, maxLength));
  return Object.assign(read, { isStream: true } as const);
}

/** The items of a stream, with typed errors for an item that cannot be decoded and a connection that breaks. */
async function* guarded<Item>(operation: string, response: Response, items: Stream<Item>): Stream<Item> {
  try {
    yield* items;
  } catch (error) {
    if (error instanceof SyntaxError) {
      fail(operation, "body", response, "", error);
    }
    // `fetch` has TypeErrors for connections; the reason of an aborted signal is thrown as it is.
    throw error instanceof TypeError ? new ConnectionFailedError(`${operation}: ${error.message}`, { cause: error }) : error;
  }
}

async function* eventsOf(response: Response, maxLength?: number): Stream<ServerSentEvent> {
  let fields: { event?: string; id?: string; retry?: number } = {};
  let data: string[] = [];
  let isFirst = true;
  for await (const raw of split(response, /\r\n|\n|\r/, maxLength)) {
    const line = isFirst ? raw.replace(/^\uFEFF/, "") : raw;
    isFirst = false;
    if (line === "") {
      if (data.length > 0) {
        yield { ...fields, data: data.join("\n") };
      }
      fields = fields.id === undefined ? {} : { id: fields.id };
      data = [];
      continue;
    }
    const [, field, value] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line)! as unknown as [string, string, string];
    if (field === "data") {
      data.push(value);
    } else if (field === "event" && value !== "") {
      fields.event = value;
    } else if (field === "id" && !value.includes("\0")) {
      fields.id = value;
    } else if (field === "retry" && /^\d+$/.test(value)) {
      fields.retry = Number(value);
    }
  }
}

/** The pieces of a text between separators, and what follows the last one. Each chunk is searched once. */
async function* split(response: Response, separator: RegExp, maxLength = 2 ** 26): Stream<string> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  let tail = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const text = tail + (done ? decoder.decode() : decoder.decode(value, { stream: true }));
      // A CR at the end of a chunk may be half of a line end.
      tail = !done && text.endsWith("\r") ? "\r" : "";
      const pieces = text.slice(0, text.length - tail.length).split(separator);
      pieces[0] = rest + pieces[0];
      rest = pieces.pop()!;
      yield* pieces;
      if (rest.length > maxLength) {
        throw new SyntaxError("a line is too long");
      }
      if (done) {
        if (rest !== "") {
          yield rest;
        }
        return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
