/**
 * Values as parts of a request: parameters (OpenAPI 3.1, section 4.8.12; RFC 6570) and urlencoded forms (section 4.8.15).
 *
 * As in RFC 6570 (section 2.3), null and empty arrays and objects are undefined: they are not written, unless a media type (`content`)
 * describes the value. The encoders decide cases that the specification leaves open:
 *
 * - An array or object inside another one is JSON; in `deepObject` and in exploded objects, arrays repeat the name.
 * - In `deepObject`, objects inside objects add brackets: `filter[size][min]=1`.
 * - Exploded arrays of cookies repeat the name. Header values are not percent-encoded.
 * - The text of `spaceDelimited` and `pipeDelimited` values cannot have the delimiter, and that of headers no comma in an array.
 *
 * A value that its style cannot carry is a RangeError with the parameter's name. A path is made with `expandPath`.
 */

/** How one parameter or form field is written. `mediaType` is set if `content` describes it instead of a style. */
export interface Style {
  readonly name: string;
  readonly location: "path" | "query" | "header" | "cookie";
  /** simple, label, matrix, form, spaceDelimited, pipeDelimited, deepObject */
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved?: boolean | undefined;
  readonly mediaType?: string | undefined;
}

/** (text, the delimiter around it or "") -> text */
type Escape = (text: string, delimiter: string) => string;
type Pair = readonly [name: string, text: string];

// What allowReserved leaves: RFC 3986's reserved characters without those that have a meaning in a query.
const RESERVED = ":/?@!$'()*,;";
const DELIMITERS: Readonly<Record<string, string>> = { spaceDelimited: " ", pipeDelimited: "|" };
const WRITTEN_DELIMITERS: Readonly<Record<string, string>> = { " ": "%20", "|": "%7C" };
/** A token (RFC 9110, section 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** The text of a header field. */
export const FIELD_TEXT = /^[\t\x20-\x7e]*$/;

/** The path of a template with values of `encodePath`. A RangeError for a value that would lead to another path. */
export function expandPath(template: string, values: Readonly<Record<string, string>>): string {
  const expand = (written: string): string => {
    const segment = written.replace(/{([^{}]+)}/g, (_, name: string) => values[name] ?? "");
    if (segment !== written && (segment === "" || segment === "." || segment === "..")) {
      throw new RangeError(`${written} cannot be '${segment}': the path would be another one`);
    }
    return segment;
  };
  return template.split("/").map(expand).join("/");
}

/** The percent-encoded text that replaces `{name}`, with its prefix. */
export function encodePath(style: Style, value: unknown): string {
  if (style.mediaType !== undefined) {
    return percent(contentText(style.mediaType, value));
  }
  if (isUndefined(value)) {
    return "";
  }
  if (style.style === "label") {
    return `.${label(style, value)}`;
  }
  return style.style === "matrix" ? matrix(style, value) : simple(style, value, percent);
}

/** The `name=value` pieces, percent-encoded, which `&` joins. */
export function encodeQuery(style: Style, value: unknown): string[] {
  return pairs(style, value, inQuery(style), WRITTEN_DELIMITERS).map(([name, text]) => `${percent(name)}=${text}`);
}

/** The field value. A RangeError for what a header cannot have: other than ASCII, line ends, spaces at its ends. */
export function encodeHeader(style: Style, value: unknown): string {
  const text =
    style.mediaType !== undefined
      ? contentText(style.mediaType, value, true)
      : isUndefined(value)
        ? ""
        : simple(style, value, verbatim(style));
  if (!FIELD_TEXT.test(text) || text !== text.trim()) {
    throw new RangeError(`${style.name}: ${jsonText(text)} cannot be the value of a header`);
  }
  return text;
}

/** The `name=value` pieces, percent-encoded, which `; ` joins. */
export function encodeCookie(style: Style, value: unknown): string[] {
  return pairs(style, value, percent, {}).map(([name, text]) => {
    if (!TOKEN.test(name)) {
      throw new RangeError(`${jsonText(name)} cannot be the name of a cookie`);
    }
    return `${name}=${text}`;
  });
}

/** An `application/x-www-form-urlencoded` body. Fields without a style are form fields; objects among them are JSON. */
export function encodeForm(value: object, styles: Readonly<Record<string, Style>>): Uint8Array {
  const pieces = Object.entries(value).flatMap(([name, field]) => encodeQuery(own(styles, name) ?? defaultStyle(name, field), field));
  return utf8(pieces.join("&"));
}

/** The style of a form field that `encoding` does not describe. */
export function defaultStyle(name: string, value: unknown): Style {
  return { name, location: "query", style: "form", explode: true, mediaType: isObject(value) ? "application/json" : undefined };
}

/** The fields of a multipart form, [name, text], for a property that `encoding` describes with a style. */
export function formFields(style: Style, value: unknown): readonly Pair[] {
  return pairs(style, value, verbatim(style), {});
}

/** A value in a parameter: text as it is, numbers without artefacts, `true`, JSON for arrays and objects. */
export function textOf(value: unknown): string {
  const plain = plainOf(value);
  return typeof plain === "object" ? jsonText(plain) : scalarText(plain);
}

/** A text as it is, a number, a boolean or null as in JSON. */
export function scalarText(value: unknown): string {
  const plain = plainOf(value);
  const isScalar = plain === null || ["string", "boolean", "bigint"].includes(typeof plain) || Number.isFinite(plain);
  if (!isScalar) {
    throw new RangeError(`${String(plain)} is not a JSON value`);
  }
  return String(plain);
}

/** Compact JSON, with bigint and without what JSON has no value for. */
export function jsonText(value: unknown, asciiOnly = false): string {
  const plain = plainOf(value);
  if (typeof plain === "string") {
    const text = JSON.stringify(plain);
    return asciiOnly ? text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`) : text;
  }
  if (Array.isArray(plain)) {
    return `[${plain.map((item) => jsonText(item ?? null, asciiOnly)).join(",")}]`;
  }
  if (isObject(plain)) {
    const members = Object.entries(plain).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${jsonText(name, asciiOnly)}:${jsonText(member, asciiOnly)}`).join(",")}}`;
  }
  return scalarText(plain);
}

/** A value in a media type: JSON, or text. */
export function contentText(mediaType: string, value: unknown, asciiOnly = false): string {
  return isJson(mediaType) ? jsonText(value, asciiOnly) : value === null || value === undefined ? "" : textOf(value);
}

/** Whether a media type is application/json or has the suffix +json. */
export function isJson(mediaType: string): boolean {
  const name = essence(mediaType);
  return name === "application/json" || name.endsWith("+json");
}

/** A media type without its parameters. */
export function essence(mediaType: string): string {
  return mediaType.split(";")[0]!.trim().toLowerCase();
}

/** Whether a media type, or a range such as `image/*`, covers another media type. */
export function covers(range: string, mediaType: string): boolean {
  const [wanted, given] = [essence(range), essence(mediaType)];
  return wanted === given || wanted === "*/*" || (wanted.endsWith("/*") && given.startsWith(wanted.slice(0, -1)));
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The own member of a table that was made from a document. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The JSON value of a value: dates and the like have a method for it. */
function plainOf(value: unknown): unknown {
  return isObject(value) && typeof value["toJSON"] === "function" ? (value["toJSON"] as () => unknown).call(value) : value;
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}

function isUndefined(value: unknown): boolean {
  const plain = plainOf(value);
  return isNull(plain) || (Array.isArray(plain) && plain.every(isNull)) || (isObject(plain) && Object.values(plain).every(isNull));
}

/** The texts of an array. */
function items(value: readonly unknown[]): string[] {
  return value.filter((item) => !isNull(item)).map(textOf);
}

/** The names and texts of an object. */
function members(value: Readonly<Record<string, unknown>>): Pair[] {
  return Object.entries(value).flatMap(([name, member]): Pair[] => (isNull(member) ? [] : [[name, textOf(member)]]));
}

/** Text with everything but unreserved characters percent-encoded. */
export function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function inQuery(style: Style): Escape {
  return (text, delimiter) => {
    if (Object.hasOwn(WRITTEN_DELIMITERS, delimiter)) {
      refuse(style, text, delimiter);
    }
    return style.allowReserved ? reserved(text, delimiter) : percent(text);
  };
}

/** Percent-encoded text in which reserved characters and percent-encoded triplets stay. */
function reserved(text: string, delimiter: string): string {
  const stays = (triplet: string): string => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return RESERVED.includes(character) && character !== delimiter ? character : triplet;
  };
  const parts = text.split(/(%[0-9A-Fa-f]{2})/);
  return parts.map((part, index) => (index % 2 ? part : percent(part).replace(/%[0-9A-F]{2}/g, stays))).join("");
}

/** Where nothing is percent-encoded, text between delimiters cannot have them. */
function verbatim(style: Style): Escape {
  return (text, delimiter) => {
    if (delimiter !== "") {
      refuse(style, text, delimiter);
      if (style.location === "header" && text !== text.trim()) {
        throw new RangeError(`${style.name}: ${jsonText(text)} cannot begin or end with a space in style ${style.style}`);
      }
    }
    return text;
  };
}

function refuse(style: Style, text: string, delimiter: string): void {
  if (text.includes(delimiter)) {
    throw new RangeError(`${style.name}: ${jsonText(text)} has '${delimiter}', which is the delimiter of style ${style.style}`);
  }
}

function simple(style: Style, value: unknown, escape: Escape): string {
  const plain = plainOf(value);
  if (Array.isArray(plain)) {
    return items(plain).map((text) => escape(text, ",")).join(",");
  }
  return isObject(plain) ? writtenMembers(style, plain, escape, ",").join(",") : escape(textOf(plain), "");
}

/** `name=value` of each member if exploded, otherwise its name and its value. */
function writtenMembers(style: Style, value: Readonly<Record<string, unknown>>, escape: Escape, delimiter: string): string[] {
  return members(value).flatMap(([name, text]) => {
    const written = escape(name, delimiter);
    if (!style.explode) {
      return [written, escape(text, delimiter)];
    }
    if (written.includes("=")) {
      throw new RangeError(`${style.name}: the name ${jsonText(name)} cannot have an equals sign in style ${style.style}`);
    }
    return [`${written}=${escape(text, delimiter)}`];
  });
}

/** Dots inside the values of a list are percent-encoded: they separate exploded values, and in OpenAPI 3.1.0 the others too. */
function label(style: Style, value: unknown): string {
  const plain = plainOf(value);
  const dotless = (text: string): string => percent(text).replace(/\./g, "%2E");
  const delimiter = style.explode ? "." : ",";
  if (Array.isArray(plain)) {
    return items(plain).map(dotless).join(delimiter);
  }
  return isObject(plain) ? writtenMembers(style, plain, dotless, delimiter).join(delimiter) : percent(textOf(plain));
}

function matrix(style: Style, value: unknown): string {
  const plain = plainOf(value);
  if (!Array.isArray(plain) && !isObject(plain)) {
    return matrixPair([style.name, textOf(plain)]);
  }
  if (style.explode) {
    const written = Array.isArray(plain) ? items(plain).map((text): Pair => [style.name, text]) : members(plain);
    return written.map(matrixPair).join("");
  }
  const joined = simple(style, plain, percent);
  return `;${percent(style.name)}${joined && `=${joined}`}`;
}

function matrixPair([name, text]: Pair): string {
  return `;${percent(name)}${text && `=${percent(text)}`}`;
}

/** The names (as they are) and the texts (escaped) of a parameter in a query, in cookies or in a form. */
function pairs(style: Style, value: unknown, escape: Escape, delimiters: Readonly<Record<string, string>>): readonly Pair[] {
  if (style.mediaType !== undefined) {
    return [[style.name, escape(contentText(style.mediaType, value), "")]];
  }
  const plain = plainOf(value);
  if (isUndefined(plain)) {
    return [];
  }
  if ((Array.isArray(plain) || isObject(plain)) && !style.explode && !(isObject(plain) && style.style === "deepObject")) {
    return [[style.name, delimited(style, plain, escape, delimiters)]];
  }
  const separate = !isObject(plain)
    ? repeated(style.name, plain)
    : style.style === "deepObject"
      ? deep(style.name, plain)
      : Object.entries(plain).flatMap(([name, member]) => repeated(name, member));
  return separate.map(([name, text]): Pair => [name, escape(text, "")]);
}

function delimited(style: Style, value: object, escape: Escape, delimiters: Readonly<Record<string, string>>): string {
  const delimiter = DELIMITERS[style.style] ?? ",";
  const texts = Array.isArray(value) ? items(value) : members(value as Readonly<Record<string, unknown>>).flat();
  return texts.map((text) => escape(text, delimiter)).join(delimiters[delimiter] ?? delimiter);
}

/** A value under a name, or each item of an array under the same name. */
function repeated(name: string, value: unknown): Pair[] {
  return items(Array.isArray(value) ? value : [value]).map((text): Pair => [name, text]);
}

/** `name[member]` for each member of an object. */
function deep(name: string, value: unknown): readonly Pair[] {
  const plain = plainOf(value);
  if (!isObject(plain)) {
    return repeated(name, plain);
  }
  return Object.entries(plain).flatMap(([member, item]) => {
    if (/[[\]]/.test(member)) {
      throw new RangeError(`${name}: the name ${jsonText(member)} cannot have a bracket in style deepObject`);
    }
    return deep(`${name}[${member}]`, item);
  });
}
