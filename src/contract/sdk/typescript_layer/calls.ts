/** The one way in which every operation is called: credentials, idempotency key, retries, typed errors, warnings. */
import createClient from "openapi-fetch";

import { ConnectionFailedError, type ErrorTable, errorOf, UnexpectedAnswerError } from "./problems.js";
import { AGAIN, RETRIES, type Retries, secondsOf, waitFor } from "./retries.js";

/** What the document says about an operation. `deprecated` is a sentence for whoever still uses it. */
export interface Operation {
  readonly name: string;
  readonly method: "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace";
  readonly path: string;
  readonly isIdempotent: boolean;
  readonly reads: "json" | "text" | "blob";
  /** Media types of the body. */
  readonly takes: readonly string[];
  readonly credentials: readonly string[];
  readonly idempotencyHeader?: string;
  readonly deprecated?: string;
}

/** Where a credential goes under a name. */
export interface Credential {
  readonly location: "header" | "query" | "cookie";
  readonly name: string;
  readonly value: string;
}

/** How a client calls. */
export interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly retries?: Partial<Retries>;
  /** Seconds until an attempt is given up. */
  readonly timeout?: number;
  /** Replaces the way requests leave. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Told once for each deprecated operation that is called; `console.warn` unless given. */
  readonly warn?: (sentence: string) => void;
}

interface Parts {
  readonly path?: object;
  readonly query?: object;
  readonly header?: object;
  readonly cookie?: object;
  readonly body?: unknown;
}

interface Fetched {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

type Send = (method: string, path: string, init: object) => Promise<Fetched>;

const JSON_TYPE = /^application\/(.+\+)?json\b/i;

export class Caller {
  readonly #send: Send;
  readonly #credentials: Readonly<Record<string, Credential | undefined>>;
  readonly #errors: ErrorTable;
  readonly #options: Options;
  readonly #retries: Retries;
  readonly #warned = new Set<string>();

  constructor(baseUrl: string, credentials: Readonly<Record<string, Credential | undefined>>, errors: ErrorTable, options: Options) {
    const client = createClient<never>({ baseUrl });
    this.#send = client.request as unknown as Send;
    this.#credentials = credentials;
    this.#errors = errors;
    this.#options = options;
    this.#retries = { ...RETRIES, ...options.retries };
  }

  /** Call and read the answer. Throws ApiError, ConnectionFailedError, UnexpectedAnswerError. */
  async send<Answer>(operation: Operation, input: unknown): Promise<Answer> {
    if (operation.deprecated !== undefined) {
      this.#warn(operation, operation.deprecated);
    }
    const { data, error, response } = await this.#fetched(operation, (input ?? {}) as Parts);
    if (!response.ok) {
      throw errorOf(this.#errors, { operation: operation.name, status: response.status, headers: response.headers, body: error });
    }
    if (response.headers.has("deprecation") && operation.deprecated === undefined) {
      this.#warn(operation, `${operation.name} is deprecated; ${response.headers.get("sunset") ?? "no date is set"}`);
    }
    return data as Answer;
  }

  async #fetched(operation: Operation, parts: Parts): Promise<Fetched> {
    const header = new Headers(this.#options.headers);
    const query: Record<string, unknown> = { ...parts.query };
    for (const [name, value] of Object.entries(parts.header ?? {})) {
      if (value !== undefined && value !== null) {
        header.set(name, String(value));
      }
    }
    const cookies = Object.entries(parts.cookie ?? {}).map(([name, value]) => `${name}=${value}`);
    for (const name of operation.credentials) {
      place(this.#credentials[name], header, query, cookies);
    }
    if (cookies.length > 0) {
      header.set("Cookie", cookies.join("; "));
    }
    if (operation.idempotencyHeader !== undefined && !header.has(operation.idempotencyHeader)) {
      header.set(operation.idempotencyHeader, crypto.randomUUID());
    }
    const sent = parts.body === undefined ? {} : encoded(operation, parts.body, header);
    const fetch = (request: Request) => this.#answered(operation, request);
    const init = { params: { path: parts.path, query }, headers: header, parseAs: operation.reads, fetch, ...sent };
    try {
      return await this.#send(operation.method, operation.path, init);
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw new UnexpectedAnswerError(`${operation.name}: the answer cannot be read`, { cause: error });
      }
      throw error;
    }
  }

  /** The answer of the first attempt that is not to be repeated. */
  async #answered(operation: Operation, request: Request): Promise<Response> {
    const repeats = operation.isIdempotent || operation.idempotencyHeader !== undefined;
    for (let tried = 1; ; tried += 1) {
      let wait: number | undefined;
      try {
        const response = await this.#attempt(request);
        const asked = secondsOf(response.headers.get("retry-after"));
        wait = repeats && AGAIN.has(response.status) ? waitFor(this.#retries, tried, asked) : undefined;
        if (wait === undefined) {
          return response;
        }
        await response.body?.cancel();
      } catch (error) {
        wait = repeats ? waitFor(this.#retries, tried, undefined) : undefined;
        if (wait === undefined) {
          throw new ConnectionFailedError(`${operation.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
      }
      await this.#retries.sleep(wait);
    }
  }

  async #attempt(request: Request): Promise<Response> {
    const signal = AbortSignal.timeout((this.#options.timeout ?? 30) * 1000);
    return (this.#options.fetch ?? fetch)(new Request(request.clone(), { signal }));
  }

  #warn(operation: Operation, sentence: string): void {
    if (!this.#warned.has(operation.name)) {
      this.#warned.add(operation.name);
      (this.#options.warn ?? console.warn)(sentence);
    }
  }
}

/** The value of `Authorization` for a name and a password (RFC 7617). */
export function basic([name, password]: readonly [string, string]): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function place(one: Credential | undefined, header: Headers, query: Record<string, unknown>, cookies: string[]): void {
  if (one === undefined) {
    return;
  }
  if (one.location === "query") {
    query[one.name] = one.value;
  } else if (one.location === "cookie") {
    cookies.push(`${one.name}=${one.value}`);
  } else if (!header.has(one.name)) {
    header.set(one.name, one.value);
  }
}

/** The body as the operation takes it: JSON unless it is text or bytes, or the operation takes a form. */
function encoded(operation: Operation, body: unknown, header: Headers): object {
  const raw = typeof body === "string" || body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  const type = operation.takes.find((one) => JSON_TYPE.test(one) !== raw) ?? operation.takes[0] ?? "application/json";
  if (type.startsWith("multipart/form-data")) {
    return { body, bodySerializer: () => formOf(body, new FormData()) };
  }
  header.set("Content-Type", type);
  if (type.startsWith("application/x-www-form-urlencoded")) {
    return { body, bodySerializer: () => String(formOf(body, new URLSearchParams())) };
  }
  return { body, bodySerializer: () => (raw && !JSON_TYPE.test(type) ? body : JSON.stringify(body)) };
}

function formOf<Form extends FormData | URLSearchParams>(body: unknown, form: Form): Form {
  for (const [name, value] of Object.entries(body ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        form.append(name, one instanceof Blob || typeof one !== "object" ? (one as string) : JSON.stringify(one));
      }
    }
  }
  return form;
}
