/** The writing of request bodies: JSON, forms, text and bytes. */
import { encodeForm, jsonText, type Style } from "./encoding.js";
import { encodeMultipart, type Part } from "./multipart.js";

/** An encoded body. Without `isRepeatable` it can be sent once. */
export interface Written {
  readonly contentType: string;
  readonly body: () => BodyInit;
  readonly isRepeatable: boolean;
}

export type Writer = (body: unknown, mediaType: string) => Written;

/** Bytes, a file, or a stream of bytes. */
export type Bytes = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> | ReadableStream<Uint8Array>;

/** JSON. A bigint is written with all its digits. */
export function toJson(body: unknown, mediaType: string): Written {
  return fixed(mediaType, jsonText(body));
}

/** A JSON value in each line. */
export function toLines(body: unknown, mediaType: string): Written {
  const before = mediaType.startsWith("application/json-seq") ? "\u001e" : "";
  return fixed(mediaType, [...(body as Iterable<unknown>)].map((item) => `${before}${jsonText(item)}\n`).join(""));
}

/** Text and bytes, as they are. A string may also be sent where bytes are described. */
export function raw(body: unknown, mediaType: string): Written {
  const sent = body as BodyInit;
  return { contentType: mediaType, body: () => sent, isRepeatable: !(sent instanceof ReadableStream) };
}

/** application/x-www-form-urlencoded. */
export function form(styles: Readonly<Record<string, Style>>): Writer {
  return (body, mediaType) => fixed(mediaType, encodeForm(body as object, styles) as BodyInit);
}

/** multipart/form-data. */
export function multipart(parts: Readonly<Record<string, Part>>): Writer {
  return (body) => {
    const { contentType, body: sent } = encodeMultipart(body as object, parts);
    return { contentType, body: () => sent as BodyInit, isRepeatable: !(sent instanceof ReadableStream) };
  };
}

function fixed(contentType: string, body: BodyInit): Written {
  return { contentType, body: () => body, isRepeatable: true };
}
