/** Parameters with the functions that write them, so that a bundle has only the encoders it uses. */
import { encodeCookie, encodeHeader, encodePath, encodeQuery, FIELD_TEXT, percent, scalarText, type Style } from "./encoding.js";

/** The parts of a request that parameters fill. */
export interface Target {
  readonly segments: Record<string, string>;
  readonly query: string[];
  readonly headers: Headers;
  readonly cookies: string[];
}

export interface Parameter {
  readonly style: Style;
  readonly add: (target: Target, style: Style, value: unknown) => void;
}

type Options = readonly [name: string, style?: string, explode?: boolean, allowReserved?: boolean, mediaType?: string];

export function inPath(...[name, style = "simple", explode = false, allowReserved, mediaType]: Options): Parameter {
  return { style: { name, location: "path", style, explode, allowReserved, mediaType }, add: addSegment };
}

export function inQuery(...[name, style = "form", explode = true, allowReserved, mediaType]: Options): Parameter {
  return { style: { name, location: "query", style, explode, allowReserved, mediaType }, add: addQuery };
}

export function inHeader(...[name, style = "simple", explode = false, allowReserved, mediaType]: Options): Parameter {
  return { style: { name, location: "header", style, explode, allowReserved, mediaType }, add: addHeader };
}

export function inCookie(...[name, style = "form", explode = true, allowReserved, mediaType]: Options): Parameter {
  return { style: { name, location: "cookie", style, explode, allowReserved, mediaType }, add: addCookie };
}

/** A text, a number or a boolean in the path, in the default style: what `inPath` writes, without the code for arrays and objects. */
export function textInPath(name: string): Parameter {
  const add = ({ segments }: Target, style: Style, value: unknown) => {
    segments[name] = percent(scalarText(present(style, value)));
  };
  return { style: { name, location: "path", style: "simple", explode: false }, add };
}

/** The same in the query. */
export function textInQuery(name: string): Parameter {
  const add = ({ query }: Target, _: Style, value: unknown) => {
    if (value !== undefined && value !== null) {
      query.push(`${percent(name)}=${percent(scalarText(value))}`);
    }
  };
  return { style: { name, location: "query", style: "form", explode: true }, add };
}

/** The same in a header. */
export function textInHeader(name: string): Parameter {
  const add = ({ headers }: Target, _: Style, value: unknown) => {
    const text = value === undefined || value === null ? undefined : scalarText(value);
    if (text !== undefined && (!FIELD_TEXT.test(text) || text !== text.trim())) {
      throw new RangeError(`${name}: this text cannot be the value of a header`);
    }
    if (text !== undefined) {
      headers.set(name, text);
    }
  };
  return { style: { name, location: "header", style: "simple", explode: false }, add };
}

function present(style: Style, value: unknown): unknown {
  if (value === undefined || value === null) {
    throw new RangeError(`the path parameter ${style.name} is missing`);
  }
  return value;
}

function addSegment({ segments }: Target, style: Style, value: unknown): void {
  segments[style.name] = encodePath(style, present(style, value));
}

function addQuery({ query }: Target, style: Style, value: unknown): void {
  if (value !== undefined) {
    query.push(...encodeQuery(style, value));
  }
}

function addHeader({ headers }: Target, style: Style, value: unknown): void {
  if (value !== undefined && value !== null) {
    headers.set(style.name, encodeHeader(style, value));
  }
}

function addCookie({ cookies }: Target, style: Style, value: unknown): void {
  if (value !== undefined) {
    cookies.push(...encodeCookie(style, value));
  }
}
