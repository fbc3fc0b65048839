/**
 * The call of an operation: parameters, credentials, timeout, retries, hooks, and the typed result or error.
 *
 * Redirects are never followed: `fetch` would send the credentials in their own headers to another host.
 */
import { covers, expandPath, FIELD_TEXT, own, TOKEN } from "./encoding.js";
import type { Parameter, Target } from "./parameters.js";
import { ConnectionFailedError, type ErrorClass, errorOf, InvalidArgumentError, type RolePaths, SdkError, TimedOutError } from "./problems.js";
import { type Reads, readError, readResult } from "./reading.js";
import { RETRIED_STATUSES, RETRIES, type Retries, secondsOf, waitFor } from "./retries.js";
import type { Writer } from "./writing.js";

/** The description of an operation. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters?: readonly Parameter[];
  /** Alternatives, each a list of credentials. */
  readonly security?: readonly (readonly string[])[];
  readonly writes?: readonly (readonly [mediaType: string, write: Writer])[];
  readonly reads: Reads;
  readonly errors?: readonly Errors[];
  /** Whether a repetition has no further effect (RFC 9110, section 9.2.2). */
  readonly isIdempotent?: boolean;
  readonly idempotencyHeader?: string;
  /** A message for callers. */
  readonly deprecated?: string;
  /** The server of this operation, if the document gives it one. */
  readonly server?: string;
}

/** Error classes by status (`404`, `4XX`, `default`), and by status and code (`409 contact_exists`). */
export type Errors = Readonly<Record<string, ErrorClass>>;

/** A credential, or a function that returns one for each call; it is called again, once, with a credential that the server refused (401). */
export type Credential = string | ((refused?: string) => string | Promise<string>);

/** Where a credential is sent: location, name, and the text that precedes it. */
export type Scheme = readonly [location: "header" | "query" | "cookie", name: string, prefix: string];

/** One attempt of a call, for hooks. */
export interface Attempt {
  readonly operation: string;
  /** Starts at 1. */
  readonly number: number;
}

/** Functions that observe each attempt, for logs and traces. */
export interface Hooks {
  /** May set headers of the request, such as `traceparent`. */
  readonly request?: (request: Request, attempt: Attempt) => void | Promise<void>;
  readonly response?: (response: Response, attempt: Attempt) => void | Promise<void>;
  /** The attempt failed before a response. */
  readonly failure?: (error: unknown, attempt: Attempt) => void | Promise<void>;
}

/** The options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** The timeout of an attempt, in seconds. A stream may take longer once its headers have arrived. */
  readonly timeout?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly retries?: Partial<Retries>;
  /** Replaces the generated key of an operation with an idempotency key. */
  readonly idempotencyKey?: string;
  /** Receives the response, for its status and its headers. Its body is read by the client. */
  readonly onResponse?: (response: Response) => void;
}

/** The options of all calls. */
export interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly retries?: Partial<Retries>;
  /** The timeout of an attempt, in seconds. */
  readonly timeout?: number;
  /** The longest line of a stream, in characters; the default is 64 Mi. A longer one is an UnexpectedResponseError. */
  readonly maxLineLength?: number;
  /** Replaces `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly hooks?: Hooks;
  /** Called once for each deprecated operation that is used; the default is `console.warn`. */
  readonly warn?: (message: string) => void;
}

/** The properties of all calls, from the document. */
export interface Settings {
  readonly baseUrl: string;
  readonly isDefaultServer: boolean;
  readonly schemes: Readonly<Record<string, Scheme>>;
  /** By the names of the schemes; the options of a connection are such a table. */
  readonly credentials: object;
  readonly errors: Errors;
  readonly codePaths: readonly (readonly string[])[];
  readonly rolePaths: RolePaths;
}

/** The arguments of a call. */
export interface Parts {
  readonly path?: object;
  readonly query?: object;
  readonly header?: object;
  readonly cookie?: object;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** Options that only this layer passes: the media type that is asked for, and the address of a next page. */
export interface InnerOptions extends CallOptions {
  readonly accept?: string;
  readonly url?: (target: string) => string;
}

/** A repeated call has the idempotency key of the call before it, and the credentials that functions returned for it. */
interface Before {
  key?: string;
  readonly credentials: Record<string, string>;
}

interface Prepared {
  readonly url: string;
  readonly init: RequestInit;
  readonly body: () => BodyInit | undefined;
  readonly isRepeatable: boolean;
}

export class Caller {
  readonly #settings: Settings;
  readonly #options: Options;
  readonly #warned = new Set<string>();

  constructor(settings: Settings, options: Options) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Call the operation and read its response. Throws ApiError, ConnectionFailedError, UnexpectedResponseError. */
  async $call<Result>(operation: Operation, input: Parts = {}, options: InnerOptions = {}): Promise<Result> {
    if (operation.deprecated !== undefined) {
      this.#warn(operation, operation.deprecated);
    }
    const before: Before = { credentials: {} };
    const send = async () => this.#sendWithRetries(operation, await this.#prepare(operation, input, options, before), options);
    let [response, guard, isRepeatable] = await send();
    if (response.status === 401 && isRepeatable && Object.keys(before.credentials).length > 0) {
      await response.body?.cancel();
      guard.release();
      [response, guard] = await send();
    }
    options.onResponse?.(response);
    if (response.headers.has("deprecation") && operation.deprecated === undefined) {
      this.#warn(operation, `${operation.name} is deprecated; ${response.headers.get("sunset") ?? "no date is set"}`);
    }
    let isStream = false;
    const keepOpen = () => {
      isStream = true;
      guard.stopTimer();
    };
    try {
      const read = await readResult<Result>(operation, response, options.accept, keepOpen, this.#options.maxLineLength);
      if (read !== undefined) {
        return await read.value;
      }
      const { codePaths, rolePaths, errors } = this.#settings;
      const failure = { operation: operation.name, status: response.status, headers: response.headers, body: await readError(response) };
      throw errorOf([...(operation.errors ?? []), errors], codePaths, { ...failure, rolePaths });
    } catch (error) {
      throw error instanceof SdkError ? error : guard.failure(operation.name, error);
    } finally {
      if (!isStream) {
        guard.release();
      }
    }
  }

  async #prepare(operation: Operation, input: Parts, options: InnerOptions, before: Before): Promise<Prepared> {
    const headers = new Headers();
    setHeaders(headers, this.#options.headers);
    const target: Target = { segments: {}, query: [], headers, cookies: [] };
    const { query, cookies } = target;
    let path: string;
    let body: Pick<Prepared, "body" | "isRepeatable">;
    try {
      for (const { style, add } of operation.parameters ?? []) {
        add(target, style, valueOf(input, style));
      }
      path = expandPath(operation.path, target.segments);
      body = this.#body(operation, input, headers);
    } catch (error) {
      throw new InvalidArgumentError(`${operation.name}: ${(error as Error).message}`, { cause: error });
    }
    if (options.accept !== undefined || !headers.has("Accept")) {
      headers.set("Accept", options.accept ?? acceptOf(operation));
    }
    setHeaders(headers, options.headers);
    this.#addKey(operation, headers, options, before);
    const { baseUrl, isDefaultServer } = this.#settings;
    const server = (isDefaultServer && operation.server) || baseUrl;
    const address = server.replace(/\/+$/, "") + path;
    const [base, ...given] = (options.url?.(address) ?? address).split(/[?&]/);
    const pieces = options.url === undefined ? [...given, ...query] : given;
    await this.#authorize(operation, headers, pieces, cookies, before.credentials);
    if (cookies.length > 0) {
      setHeaders(headers, { Cookie: cookies.join("; ") });
    }
    const url = pieces.length > 0 ? `${base}?${pieces.join("&")}` : base!;
    return { url, init: { method: operation.method, headers, redirect: "manual" }, ...body };
  }

  #body(operation: Operation, input: Parts, headers: Headers): Pick<Prepared, "body" | "isRepeatable"> {
    const [first] = operation.writes ?? [];
    if (input.body === undefined || first === undefined) {
      return { body: () => undefined, isRepeatable: true };
    }
    const wanted = input.contentType ?? first[0];
    const [, write] = operation.writes?.find(([mediaType]) => covers(mediaType, wanted)) ?? first;
    const written = write(input.body, wanted);
    headers.set("Content-Type", written.contentType);
    return written;
  }

  #addKey(operation: Operation, headers: Headers, options: CallOptions, before: Before): void {
    const name = operation.idempotencyHeader;
    if (name !== undefined && (options.idempotencyKey !== undefined || !headers.has(name))) {
      setHeaders(headers, { [name]: options.idempotencyKey ?? (before.key ??= randomKey()) });
    }
  }

  /** Add the credentials of the first alternative for which the client has all; if there is none, those it has. */
  async #authorize(operation: Operation, headers: Headers, query: string[], cookies: string[], before: Before["credentials"]): Promise<void> {
    const { credentials, schemes } = this.#settings;
    const alternatives = operation.security ?? [];
    const given = credentials as Readonly<Record<string, Credential | undefined>>;
    const has = (name: string) => given[name] !== undefined;
    const complete = alternatives.find((names) => names.length > 0 && names.every(has));
    for (const name of complete ?? alternatives.flat().filter(has)) {
      const [location, field, prefix] = schemes[name]!;
      const credential = given[name]!;
      const value = prefix + (typeof credential === "string" ? credential : (before[name] = await credential(before[name])));
      if (location === "query") {
        addMissing(query, encodeURIComponent(field), encodeURIComponent(value));
      } else if (location === "cookie") {
        if (!COOKIE_TEXT.test(value)) {
          throw new InvalidArgumentError(`the cookie "${field}" ${NOT_SENT}`);
        }
        addMissing(cookies, field, value);
      } else if (!headers.has(field)) {
        setHeaders(headers, { [field]: value });
      }
    }
  }

  /** The response of the first attempt that needs no retry. */
  async #sendWithRetries(operation: Operation, prepared: Prepared, options: CallOptions): Promise<[Response, Guard, boolean]> {
    const retries = { ...RETRIES, ...this.#options.retries, ...options.retries };
    const isHarmless = operation.isIdempotent ?? operation.idempotencyHeader !== undefined;
    const mayRetry = isHarmless && prepared.isRepeatable;
    for (let number = 1; ; number += 1) {
      const guard = new Guard(options.signal, options.timeout ?? this.#options.timeout ?? 30);
      let wait: number | undefined;
      try {
        const response = await this.#attempt({ operation: operation.name, number }, prepared, guard);
        const retryAfter = secondsOf(response.headers.get("retry-after"));
        wait = mayRetry && RETRIED_STATUSES.has(response.status) ? waitFor(retries, number, retryAfter) : undefined;
        if (wait === undefined) {
          return [response, guard, prepared.isRepeatable];
        }
        await response.body?.cancel();
      } catch (error) {
        wait = mayRetry && !options.signal?.aborted ? waitFor(retries, number, undefined) : undefined;
        if (wait === undefined) {
          throw guard.failure(operation.name, error);
        }
      }
      guard.release();
      await Promise.race([retries.sleep(wait), aborted(options.signal)]);
      options.signal?.throwIfAborted();
    }
  }

  async #attempt(attempt: Attempt, prepared: Prepared, guard: Guard): Promise<Response> {
    const hooks = this.#options.hooks ?? {};
    const body = prepared.body();
    // A stream is sent in half-duplex mode, which TypeScript's library does not declare.
    const sent = body === undefined ? {} : { body, ...(body instanceof ReadableStream ? { duplex: "half" } : {}) };
    const request = new Request(prepared.url, { ...prepared.init, ...sent, signal: guard.signal });
    await hooks.request?.(request, attempt);
    try {
      const response = await (this.#options.fetch ?? fetch)(request);
      await hooks.response?.(response, attempt);
      return response;
    } catch (error) {
      await hooks.failure?.(error, attempt);
      throw error;
    }
  }

  #warn(operation: Operation, message: string): void {
    if (!this.#warned.has(operation.name)) {
      this.#warned.add(operation.name);
      (this.#options.warn ?? console.warn)(message);
    }
  }
}

/** The signal of an attempt: the caller's, or the timeout. */
class Guard {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #abort = () => this.#controller.abort(this.#caller?.reason);
  #isLate = false;

  constructor(caller: AbortSignal | undefined, seconds: number) {
    this.#caller = caller;
    if (caller?.aborted) {
      this.#abort();
    }
    caller?.addEventListener("abort", this.#abort, { once: true });
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#controller.abort();
    }, seconds * 1000);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.stopTimer();
    this.#caller?.removeEventListener("abort", this.#abort);
  }

  /** The error to throw: the reason of the caller's signal, or a ConnectionFailedError. */
  failure(operation: string, error: unknown): unknown {
    this.release();
    if (this.#caller?.aborted) {
      return this.#caller.reason;
    }
    if (this.#isLate) {
      return new TimedOutError(`${operation}: no response in time`, { cause: error });
    }
    const cause = (error as Error | undefined)?.cause ?? error;
    return new ConnectionFailedError(`${operation}: ${cause instanceof Error && cause.message !== "" ? cause.message : error}`, { cause: error });
  }
}

/** Settles when a signal aborts. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}

// RFC 6265, section 4.1.1, with what servers send besides.
const COOKIE_TEXT = /^[!-:<-~]*$/;

const NOT_SENT = "has a character that cannot be sent";

/** Add a credential to the query or the cookies, unless they have its name already. */
function addMissing(pieces: string[], name: string, value: string): void {
  if (!pieces.some((piece) => piece.startsWith(`${name}=`))) {
    pieces.push(`${name}=${value}`);
  }
}

/** Set headers. The error of a value that cannot be sent does not show it: it may be a credential. */
function setHeaders(headers: Headers, values: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(values)) {
    if (!TOKEN.test(name) || !FIELD_TEXT.test(value) || value !== value.trim()) {
      throw new InvalidArgumentError(`the header "${name}" ${NOT_SENT}`);
    }
    headers.set(name, value);
  }
}

function valueOf(input: Parts, style: Parameter["style"]): unknown {
  const values = (input as Record<string, Record<string, unknown> | undefined>)[style.location];
  return own(values ?? {}, style.name);
}

function acceptOf(operation: Operation): string {
  const [first] = Object.values(operation.reads).flat();
  return first === undefined ? "*/*" : `${first[0]}, */*;q=0.1`;
}

/** A random text. `crypto` has no randomUUID on insecure pages, and Node.js 18 has no `crypto`. */
function randomKey(): string {
  return globalThis.crypto?.randomUUID?.() ?? [Date.now(), Math.random(), Math.random()].join("-");
}

/** The address of a server with its variables. */
export function withVariables(url: string, variables: Readonly<Record<string, string | undefined>>): string {
  return url.replace(/{([^{}]*)}/g, (whole, name: string) => variables[name] ?? whole);
}

/** The credential of a user name and a password (RFC 7617), without its prefix. */
export function basic([name, password]: readonly [string, string]): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return btoa(String.fromCharCode(...bytes));
}
