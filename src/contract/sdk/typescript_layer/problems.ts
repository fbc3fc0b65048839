/** Errors as exceptions: error responses, connection failures, and responses that do not match the document. */
import { isObject, own } from "./encoding.js";
import { secondsOf } from "./retries.js";

/** The base of all errors of this client. */
export class SdkError extends Error {
  override readonly name: string = "SdkError";
}

/** The server is unreachable, or the connection broke before the response; `cause` has the reason. */
export class ConnectionFailedError extends SdkError {
  override readonly name: string = "ConnectionFailedError";
}

/** The response did not arrive in time. */
export class TimedOutError extends ConnectionFailedError {
  override readonly name: string = "TimedOutError";
}

/** The reason why a success is unexpected: its status or media type is not documented, its body cannot be decoded, or it has none. */
export type Reason = "status" | "media type" | "body" | "empty";

const REASONS: Partial<Readonly<Record<Reason, string>>> = { body: "the body cannot be decoded", empty: "the body is empty" };

interface UnexpectedResponse {
  readonly operation: string;
  readonly reason: Reason;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A success that does not match the document; `body` is its text. */
export class UnexpectedResponseError extends SdkError {
  override readonly name: string = "UnexpectedResponseError";
  declare readonly operation: string;
  declare readonly reason: Reason;
  declare readonly status: number;
  declare readonly headers: Headers;
  declare readonly body: string;

  constructor(response: UnexpectedResponse, cause?: unknown) {
    const { operation, reason, status, headers } = response;
    const detail = reason === "media type" ? `: ${headers.get("content-type")}` : cause instanceof Error ? `: ${cause.message}` : "";
    super(`${operation}: ${status}: ${REASONS[reason] ?? `the ${reason} is not documented`}${detail}`, cause === undefined ? {} : { cause });
    Object.assign(this, response);
  }
}

/** The paths of members of an error's body, by role, if the document declares them. */
export type RolePaths = Readonly<Record<string, readonly string[]>>;

/** An error response. `body` is the decoded JSON, or text if it is not JSON. */
export interface ErrorResponse {
  readonly operation: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly code?: string | undefined;
  readonly rolePaths?: RolePaths | undefined;
}

/** An error response. Subclasses are named after the documented statuses and error codes. */
export class ApiError<Body = unknown> extends SdkError {
  override readonly name: string = "ApiError";
  declare readonly operation: string;
  declare readonly status: number;
  declare readonly code: string | undefined;
  declare readonly headers: Headers;
  /** The decoded JSON, or text if it is not JSON. */
  declare readonly body: Body;
  declare readonly requestId: string | undefined;
  /** Messages by field. */
  declare readonly fieldErrors: Readonly<Record<string, readonly string[]>>;
  /** Messages without a field. */
  declare readonly formErrors: readonly string[];
  /** Seconds until a retry can succeed. */
  declare readonly retryAfter: number | undefined;

  constructor(response: ErrorResponse) {
    const { non_field_errors: general = [], ...fieldErrors } = byField(response); // the name of Django
    const formErrors = [...texts(byRole(response, "form_errors")), ...general];
    const sentence = text(byRole(response, "detail")) ?? message(response.body) ?? start(response.body);
    const fields = Object.entries(fieldErrors).map(([name, messages]) => (name === "" ? "" : `${name}: `) + messages.join(", "));
    const details = [...fields, ...formErrors].join("; ");
    const about = [response.operation, response.status, response.code, sentence].filter((part) => part !== undefined).join(": ");
    super(details === "" ? about : `${about} (${details})`);
    const { rolePaths: _, ...shown } = response;
    Object.assign(this, shown, { requestId: requestId(response), fieldErrors, formErrors, retryAfter: retryAfter(response) });
  }
}

export type ErrorClass = new (response: ErrorResponse) => ApiError;

/** The most specific error for a response. The tables have classes by status (`404`, `4XX`), and by status and code. */
export function errorOf(
  tables: readonly Readonly<Record<string, ErrorClass>>[],
  codePaths: readonly (readonly string[])[],
  response: ErrorResponse,
): ApiError {
  const statuses = [String(response.status), `${Math.floor(response.status / 100)}XX`, "default"];
  const codes = codePaths.map((path) => valueAt(response.body, path)).filter((code) => typeof code === "string");
  const keys = [...statuses.flatMap((status) => codes.map((code) => `${status} ${code}`)), ...statuses];
  const classes = keys.flatMap((key) => tables.map((table) => own(table, key)));
  const errorClass = classes.find((candidate) => candidate !== undefined) ?? ApiError;
  return new errorClass({ ...response, code: codes[0] });
}

/** The value at a path of keys, undefined if there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    current = isObject(current) ? own(current, key) : undefined;
  }
  return current;
}

// The last ones are in lists of FastAPI and Spring.
const MESSAGE_PATHS = [
  ...[["error", "message"], ["error_description"], ["message"], ["detail"], ["error"], ["title"]],
  ...[["msg"], ["defaultMessage"]],
];
const MAX_NAMES = 5; // on the path of a message that names only fields
const REQUEST_ID_HEADERS = ["x-request-id", "request-id", "x-correlation-id"];
const FIELD_NAMES = ["field", "path", "pointer", "parameter", "param", "loc", "name"];

/** The member of the body with a role, undefined if the document declares none. */
function byRole(response: ErrorResponse, role: string): unknown {
  const keys = own(response.rolePaths ?? {}, role);
  return keys === undefined ? undefined : valueAt(response.body, keys);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The first characters of a body that is text, without those that a terminal would not print. */
function start(body: unknown): string | undefined {
  return typeof body === "string" ? text(body.slice(0, 2000).replace(/[\p{C}\s]+/gu, " ").trim().slice(0, 200)) : undefined;
}

function message(body: unknown): string | undefined {
  return MESSAGE_PATHS.map((path) => text(valueAt(body, path))).find((sentence) => sentence !== undefined);
}

function requestId(response: ErrorResponse): string | undefined {
  const inBody = [byRole(response, "request_id"), ...["request_id", "requestId"].map((key) => valueAt(response.body, [key]))];
  const inHeaders = REQUEST_ID_HEADERS.map((name) => response.headers.get(name));
  return [...inBody, ...inHeaders].find((id): id is string => typeof id === "string");
}

function retryAfter(response: ErrorResponse): number | undefined {
  const waits = [secondsOf(response.headers.get("retry-after")), byRole(response, "retry_after")];
  return waits.find((wait): wait is number => typeof wait === "number");
}

function byField(response: ErrorResponse): Record<string, string[]> {
  const declared = byRole(response, "field_errors") ?? byRole(response, "errors") ?? valueAt(response.body, ["errors"]);
  const lists = ["details", "detail"].map((key) => valueAt(response.body, [key])).filter(Array.isArray);
  const errors = declared ?? lists[0] ?? Object.fromEntries(named(response.body, []));
  if (Array.isArray(errors)) {
    return byFieldOfList(errors);
  }
  return isObject(errors) ? Object.fromEntries(Object.entries(errors).map(([name, messages]) => [name, texts(messages)])) : {};
}

/** The messages of a body of lists of texts only, by their path, as Django REST Framework writes it; otherwise none. */
function named(body: unknown, path: readonly string[]): [string, string[]][] {
  if (Array.isArray(body) && body.every((text) => typeof text === "string")) {
    return path.length > 0 ? [[path.join("."), body]] : [];
  }
  const members = typeof body === "string" || path.length > MAX_NAMES ? [] : Object.entries(body ?? {});
  const found = members.filter(([, member]) => JSON.stringify(member) !== "{}").map(([name, member]) => named(member, [...path, name]));
  return found.every((pairs) => pairs.length > 0) ? found.flat() : [];
}

function byFieldOfList(errors: readonly unknown[]): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const error of errors) {
    const field = FIELD_NAMES.map((key) => valueAt(error, [key])).find((value) => value !== undefined) ?? "";
    const name = Array.isArray(field) ? field.join(".") : String(field);
    result[name] = [...(result[name] ?? []), message(error) ?? (isObject(error) ? JSON.stringify(error) : String(error))];
  }
  return result;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : value === undefined || value === null ? [] : [String(value)];
}
