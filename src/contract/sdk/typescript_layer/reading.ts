/** The reading of responses: JSON with exact digits, text, files, and streams of items. */
import { essence } from "./encoding.js";
import { type Reason, UnexpectedResponseError } from "./problems.js";

/** Reads a body: the text of it, or the response itself as a stream. */
export interface Reader<Result = unknown> {
  (text: string, response: Response, operation: string, maxLineLength?: number): Result;
  readonly isStream?: true;
}

/** The media types of each documented success (`200`, `2XX`, `default`); an empty list for a response without a body. */
export type Reads = Readonly<Record<string, readonly Read[]>>;

/** A media type, and whether it is read only if it is asked for, because its type is another one. */
export type Read = readonly [mediaType: string, read: Reader, isOther?: 1];

/** A body that is read as bytes, at once or in parts. */
export interface Download {
  readonly contentType: string;
  /** The name in `Content-Disposition`, if there is one. */
  readonly fileName: string | undefined;
  readonly stream: ReadableStream<Uint8Array>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  blob(): Promise<Blob>;
  text(): Promise<string>;
}

/** The items of a stream, as they arrive. Leaving the loop closes the connection. */
export type Stream<Item> = AsyncGenerator<Item, void, undefined>;

/** The decoded success; undefined for an error response. `keepOpen` is called before a stream is returned. Throws UnexpectedResponseError. */
export async function readResult<Result>(
  operation: { readonly name: string; readonly method: string; readonly reads: Reads },
  response: Response,
  accept: string | undefined,
  keepOpen: () => void,
  maxLineLength: number | undefined,
): Promise<{ readonly value: Result } | undefined> {
  const { status, ok } = response;
  const { reads, name } = operation;
  const documented = reads[status] ?? reads[`${Math.floor(status / 100)}XX`] ?? (ok ? reads["default"] : undefined);
  if (documented === undefined) {
    return ok ? fail(name, "status", response, await response.text()) : undefined;
  }
  if (documented.length === 0 || operation.method === "HEAD" || [204, 205].includes(status)) {
    await response.body?.cancel();
    return { value: undefined as Result };
  }
  const read = readerOf(documented, accept, response.headers.get("content-type"));
  if (read?.isStream && response.body !== null) {
    keepOpen();
    return { value: read("", response, name, maxLineLength) as Result };
  }
  const text = await response.text();
  if (read === undefined) {
    return fail(name, text === "" ? "empty" : "media type", response, text);
  }
  try {
    return { value: read(text, response, name) as Result };
  } catch (error) {
    return fail(name, text.trim() === "" ? "empty" : "body", response, text, error);
  }
}

/** The body of an error: JSON if it is JSON, else text. */
export async function readError(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function fail(operation: string, reason: Reason, response: Response, body: string, cause?: unknown): never {
  throw new UnexpectedResponseError({ operation, reason, status: response.status, headers: response.headers, body }, cause);
}

function readerOf(documented: readonly Read[], accept: string | undefined, contentType: string | null): Reader | undefined {
  const expected = documented.filter(([mediaType, , isOther]) => (accept === undefined ? !isOther : mediaType === accept));
  const reads = expected.length > 0 ? expected : documented.filter(([, , isOther]) => !isOther);
  if (contentType === null) {
    return reads[0]?.[1];
  }
  const name = essence(contentType);
  const candidates = [name, `${name.split("/")[0]}/*`, "*/*"];
  const found = candidates.map((candidate) => reads.find(([mediaType]) => essence(mediaType) === candidate)).find(Boolean);
  // Another JSON type than the documented one is JSON all the same.
  return (found ?? (JSON_TYPE.test(name) ? reads.find(([mediaType]) => JSON_TYPE.test(mediaType)) : undefined))?.[1];
}

const JSON_TYPE = /^[^/]+\/(.+\+)?json$/i;

/** JSON. A number that has more digits than a JavaScript number can hold is an error, never another number. */
export const json: Reader = (text) => parse(text);

/** Text. */
export const text: Reader<string> = (body) => body;

/** Bytes. */
export const file: Reader<Download> = /* @__PURE__ */ Object.assign(
  (_: string, response: Response): Download => ({
    contentType: response.headers.get("content-type") ?? "application/octet-stream",
    fileName: fileNameOf(response.headers.get("content-disposition") ?? ""),
    stream: response.body!,
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
    blob: () => response.blob(),
    text: () => response.text(),
  }),
  { isStream: true } as const,
);

/** The bytes of a success without described content; undefined if there are none. */
export const undescribed: Reader<Promise<Uint8Array<ArrayBuffer> | undefined>> = /* @__PURE__ */ Object.assign(
  async (_: string, response: Response) => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return bytes.length > 0 ? bytes : undefined;
  },
  { isStream: true } as const,
);

function fileNameOf(disposition: string): string | undefined {
  const encoded = /filename\*=UTF-8''([^;\s]+)/i.exec(disposition)?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  }
  return /filename="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1]?.replace(/\\(.)/g, "$1") ?? /filename=([^;\s]+)/i.exec(disposition)?.[1];
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

/** Decode JSON. `convert` makes the value of an integer that no JavaScript number holds exactly. Throws SyntaxError. */
export function parse(text: string, convert: (digits: string) => unknown = tooManyDigits): unknown {
  if (!/\d{16}/.test(text)) {
    return JSON.parse(text);
  }
  const mark = markFor(text);
  const marked = text.replace(TOKENS, (token) => (/^-?\d{16,}$/.test(token) && !isExact(token) ? `"${mark}${token}"` : token));
  return JSON.parse(marked, (_, value) => (typeof value === "string" && value.startsWith(mark) ? convert(value.slice(mark.length)) : value));
}

function isExact(digits: string): boolean {
  return Number.isSafeInteger(Number(digits));
}

/** A text that does not occur in another text. */
function markFor(text: string): string {
  let mark = "#";
  while (text.includes(mark)) {
    mark = `#${Math.random()}:`;
  }
  return mark;
}

/** Refuses an integer. */
export function tooManyDigits(digits: string): never {
  throw new SyntaxError(`${digits} has more digits than a number can hold; generate the package with \`--int64 bigint\``);
}
