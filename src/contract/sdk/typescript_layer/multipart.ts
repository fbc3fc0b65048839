/**
 * Multipart forms (RFC 7578), with the content types and part headers of `encoding` (OpenAPI 3.1, section 4.8.15).
 *
 * Files are not read into memory: a form with blobs is a blob, and one with streams is a stream.
 */

import {
  covers,
  encodeHeader,
  essence,
  FIELD_TEXT,
  formFields,
  isJson,
  isObject,
  jsonText,
  own,
  type Style,
  textOf,
  TOKEN,
  utf8,
} from "./encoding.js";

/** How a property is written: what `encoding` says, or nothing for the defaults. */
export interface Part {
  /** Perhaps a list with ranges, as in the document. */
  readonly contentType?: string | undefined;
  /** The styles of part headers by name. */
  readonly headers?: Readonly<Record<string, Style>> | undefined;
  /** If `encoding` has `style`, `explode` or `allowReserved`. */
  readonly style?: Style | undefined;
}

type Source = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
type Piece = Uint8Array | Blob | Source;

/** A file of a form: bytes, a blob or a stream. Also a JSON value or text with part headers. */
export class FormFile {
  constructor(
    readonly content: unknown,
    readonly options: {
      readonly name?: string | undefined;
      readonly contentType?: string | undefined;
      readonly headers?: Readonly<Record<string, unknown>> | undefined;
    } = {},
  ) {}
}

/** The body of a multipart form and its content type. */
export interface Multipart {
  readonly contentType: string;
  readonly body: Uint8Array | Blob | ReadableStream<Uint8Array>;
}

const DEFAULT_FILE_NAME = "upload";

/**
 * The content type and the body of a `multipart/form-data` form. Null and absent properties have no part.
 *
 * The boundary is random and made after the content, so that no content can have it.
 */
export function encodeMultipart(value: object, parts: Readonly<Record<string, Part>>, boundary: string = randomBoundary()): Multipart {
  const pieces: Piece[] = [];
  for (const [name, item] of Object.entries(value)) {
    for (const [head, content] of partsOf(name, item, own(parts, name) ?? {})) {
      pieces.push(utf8(`--${boundary}\r\n${head}\r\n\r\n`), content, utf8("\r\n"));
    }
  }
  pieces.push(utf8(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: joined(pieces) };
}

function randomBoundary(): string {
  const bytes = new Uint8Array(16);
  // Node.js 18 has no global crypto.
  const random = globalThis.crypto?.getRandomValues(bytes) ?? bytes.map(() => Math.random() * 256);
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The head and the content of each part of a property. */
function partsOf(name: string, value: unknown, part: Part): readonly (readonly [head: string, content: Piece])[] {
  if (value === null || value === undefined) {
    return [];
  }
  if (part.style !== undefined && !(value instanceof FormFile) && !isContent(value)) {
    return formFields(part.style, value).map(([field, text]) => [headOf(field, undefined, undefined, {}, part), utf8(text)]);
  }
  if (Array.isArray(value) && !isJson(part.contentType ?? "")) {
    return value.filter((item) => item !== null && item !== undefined).map((item) => partOf(name, item, part));
  }
  return [partOf(name, value, part)];
}

function partOf(name: string, value: unknown, part: Part): readonly [head: string, content: Piece] {
  const file = value instanceof FormFile ? value : new FormFile(value);
  const { content, options } = file;
  const chosen = options.contentType ?? blobType(content, part.contentType) ?? concrete(part.contentType);
  const head = (fileName: string | undefined, contentType: string | undefined): string =>
    headOf(name, fileName, contentType, options.headers ?? {}, part);
  if (isContent(content)) {
    return [head(options.name ?? fileNameOf(content), chosen ?? "application/octet-stream"), pieceOf(content)];
  }
  if (isJson(chosen ?? "") || Array.isArray(content) || (isObject(content) && typeof content["toJSON"] !== "function")) {
    return [head(options.name, isJson(chosen ?? "") ? chosen : "application/json"), utf8(jsonText(content))];
  }
  return [head(options.name, chosen), utf8(textOf(content))];
}

/** The header fields of a part. Text without a content type is text/plain (RFC 7578, section 4.4). */
function headOf(
  name: string,
  fileName: string | undefined,
  contentType: string | undefined,
  headers: Readonly<Record<string, unknown>>,
  part: Part,
): string {
  const lines = [`Content-Disposition: form-data; name="${quoted(name)}"${fileName === undefined ? "" : `; filename="${quoted(fileName)}"`}`];
  if (contentType !== undefined) {
    if (!FIELD_TEXT.test(contentType)) {
      throw new RangeError(`${name}: ${jsonText(contentType)} is not a media type`);
    }
    lines.push(`Content-Type: ${contentType}`);
  }
  for (const [header, value] of Object.entries(headers)) {
    if (!TOKEN.test(header)) {
      throw new RangeError(`${name}: ${jsonText(header)} cannot be the name of a header`);
    }
    const style = own(part.headers ?? {}, header) ?? { name: header, location: "header", style: "simple", explode: false };
    lines.push(`${header}: ${encodeHeader(style, value)}`);
  }
  return lines.join("\r\n");
}

/** A name as browsers write it. */
function quoted(name: string): string {
  return name.replace(/"/g, "%22").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

// An item of a list: commas in quotes separate nothing.
const LISTED = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

function typesOf(contentType: string | undefined): string[] {
  return ((contentType ?? "").match(LISTED) ?? []).map((type) => type.trim()).filter((type) => type !== "");
}

/** The first media type of a list that is not a range. */
function concrete(contentType: string | undefined): string | undefined {
  return typesOf(contentType).find((type) => !essence(type).includes("*"));
}

/** The type that a blob has, if the document allows it. */
function blobType(content: unknown, contentType: string | undefined): string | undefined {
  if (!(content instanceof Blob) || content.type === "") {
    return undefined;
  }
  const types = typesOf(contentType);
  return types.length === 0 || types.some((type) => covers(type, content.type)) ? content.type : undefined;
}

function isContent(value: unknown): value is Blob | ArrayBuffer | ArrayBufferView | Source {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isSource(value);
}

function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && ("getReader" in value || Symbol.asyncIterator in value);
}

function fileNameOf(content: unknown): string {
  const name = content instanceof Blob && "name" in content ? content.name : undefined;
  return typeof name === "string" && name !== "" ? name : DEFAULT_FILE_NAME;
}

function pieceOf(content: Blob | ArrayBuffer | ArrayBufferView | Source): Piece {
  if (content instanceof ArrayBuffer) {
    return new Uint8Array(content);
  }
  return ArrayBuffer.isView(content) ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength) : content;
}

function joined(pieces: readonly Piece[]): Uint8Array | Blob | ReadableStream<Uint8Array> {
  if (pieces.some(isSource)) {
    return streamOf(pieces);
  }
  const parts = pieces as (Uint8Array | Blob)[];
  return parts.some((piece) => piece instanceof Blob) ? new Blob(parts as BlobPart[]) : concatenated(parts as Uint8Array[]);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

function streamOf(pieces: readonly Piece[]): ReadableStream<Uint8Array> {
  const chunks = chunksOf(pieces);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

async function* chunksOf(pieces: readonly Piece[]): AsyncGenerator<Uint8Array, undefined> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      yield piece;
    } else {
      yield* readerChunks(piece instanceof Blob ? piece.stream() : piece);
    }
  }
  return undefined;
}

/** The chunks of a source. Not every browser can iterate a ReadableStream. */
async function* readerChunks(source: Source): AsyncGenerator<Uint8Array, undefined> {
  if (!("getReader" in source)) {
    yield* source;
    return undefined;
  }
  const reader = source.getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      yield chunk.value;
    }
  } finally {
    await reader.cancel();
  }
  return undefined;
}
