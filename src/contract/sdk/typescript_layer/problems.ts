/** What goes wrong, as exceptions: the server refused, it could not be reached, or its answer is not what its document says. */
import { secondsOf } from "./retries.js";

/** Any failure of a call. */
export class SdkError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The server could not be reached, or the connection broke before the answer; `cause` says why. */
export class ConnectionFailedError extends SdkError {}

/** A success whose body is not what the document says. */
export class UnexpectedAnswerError extends SdkError {}

/** The keys of what is in the body of an error, by role, where the document declares them. */
export type Places = Readonly<Record<string, readonly string[]>>;

/** An answer that is not a success, as it came. `body` is the decoded JSON, or the text where it is none. */
export interface Refusal {
  readonly operation: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly code?: string | undefined;
  readonly places?: Places | undefined;
}

/** The server refused. Subclasses are named after the documented statuses and error codes. */
export class ApiError extends SdkError {
  readonly operation: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Headers;
  readonly body: unknown;
  readonly requestId: string | undefined;
  /** Sentences by field. */
  readonly fieldErrors: Readonly<Record<string, readonly string[]>>;
  /** Sentences that belong to no field. */
  readonly formErrors: readonly string[];
  /** Seconds until a repeat can succeed. */
  readonly retryAfter: number | undefined;

  constructor(refusal: Refusal) {
    const said = text(declared(refusal, "detail")) ?? sentence(refusal.body);
    super([refusal.operation, refusal.status, refusal.code, said].filter((one) => one !== undefined).join(": "));
    this.operation = refusal.operation;
    this.status = refusal.status;
    this.code = refusal.code;
    this.headers = refusal.headers;
    this.body = refusal.body;
    this.requestId = requestId(refusal);
    this.fieldErrors = byField(refusal);
    this.formErrors = texts(declared(refusal, "form_errors"));
    this.retryAfter = retryAfter(refusal);
  }
}

export type ErrorClass = new (refusal: Refusal) => ApiError;

/** Which class stands for which documented status (`404`, `4XX`) and for which `status code`; where bodies keep what. */
export interface ErrorTable {
  readonly byStatus: Readonly<Record<string, ErrorClass>>;
  readonly byCode: Readonly<Record<string, ErrorClass>>;
  readonly codePaths: readonly (readonly string[])[];
  readonly places: Places;
}

/** The most exact error there is for an answer. */
export function errorOf(table: ErrorTable, refusal: Refusal): ApiError {
  const statuses = [String(refusal.status), `${Math.floor(refusal.status / 100)}XX`, "default"];
  const codes = table.codePaths.map((path) => look(refusal.body, path)).filter((one) => typeof one === "string");
  const byCode = statuses.flatMap((status) => codes.map((code) => own(table.byCode, `${status} ${code}`)));
  const byStatus = statuses.map((status) => own(table.byStatus, status));
  const found = [...byCode, ...byStatus].find((one) => one !== undefined) ?? ApiError;
  return new found({ ...refusal, code: codes[0], places: table.places });
}

/** The value that a path of keys leads to, undefined where it leads nowhere. */
export function look(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    found = isObject(found) ? own(found, key) : undefined;
  }
  return found;
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const SENTENCES = [["error", "message"], ["error_description"], ["message"], ["detail"], ["error"], ["title"]];
const REQUEST_ID_HEADERS = ["x-request-id", "request-id", "x-correlation-id"];
const FIELD_NAMES = ["field", "path", "pointer", "parameter", "param", "loc", "name"];

/** What the document says has a role, undefined where it says nothing. */
function declared(refusal: Refusal, role: string): unknown {
  const keys = own(refusal.places ?? {}, role);
  return keys === undefined ? undefined : look(refusal.body, keys);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function sentence(body: unknown): string | undefined {
  return SENTENCES.map((path) => text(look(body, path))).find((one) => one !== undefined);
}

function requestId(refusal: Refusal): string | undefined {
  const written = [declared(refusal, "request_id"), look(refusal.body, ["request_id"]), look(refusal.body, ["requestId"])];
  const sent = REQUEST_ID_HEADERS.map((name) => refusal.headers.get(name));
  return [...written, ...sent].find((one): one is string => typeof one === "string");
}

function retryAfter(refusal: Refusal): number | undefined {
  const waits = [secondsOf(refusal.headers.get("retry-after")), declared(refusal, "retry_after")];
  return waits.find((one): one is number => typeof one === "number");
}

function byField(refusal: Refusal): Record<string, string[]> {
  const found = declared(refusal, "field_errors") ?? declared(refusal, "errors") ?? look(refusal.body, ["errors"]);
  const listed = [look(refusal.body, ["details"]), look(refusal.body, ["detail"])].find(Array.isArray);
  const known = found ?? listed;
  if (Array.isArray(known)) {
    return ofList(known);
  }
  return isObject(known) ? Object.fromEntries(Object.entries(known).map(([name, one]) => [name, texts(one)])) : {};
}

function ofList(found: readonly unknown[]): Record<string, string[]> {
  const sorted: Record<string, string[]> = {};
  for (const one of found) {
    const place = FIELD_NAMES.map((key) => look(one, [key])).find((value) => value !== undefined) ?? "";
    const name = Array.isArray(place) ? place.join(".") : String(place);
    sorted[name] = [...(sorted[name] ?? []), sentence(one) ?? String(look(one, ["msg"]) ?? one)];
  }
  return sorted;
}

function texts(found: unknown): string[] {
  return Array.isArray(found) ? found.map(String) : found === undefined || found === null ? [] : [String(found)];
}
