/** The call of an operation: credentials, idempotency key, retries, typed errors, deprecation warnings. */
import createClient from "openapi-fetch";

import { ConnectionFailedError, type ErrorTable, errorOf, UnexpectedResponseError } from "./problems.js";
import { RETRIED_STATUSES, RETRIES, type Retries, secondsOf, waitFor } from "./retries.js";

/** The properties of an operation. `deprecated` is a message for its callers. */
export interface OperationInfo {
  readonly name: string;
  readonly method: "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace";
  readonly path: string;
  readonly isIdempotent: boolean;
  readonly parseAs: "json" | "text" | "blob";
  /** Media types of the body. */
  readonly bodyTypes: readonly string[];
  readonly credentials: readonly string[];
  readonly idempotencyHeader?: string;
  readonly deprecated?: string;
}

/** A credential in a request, under a name. */
export interface Credential {
  readonly location: "header" | "query" | "cookie";
  readonly name: string;
  readonly value: string;
}

/** The options of a client. */
export interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly retries?: Partial<Retries>;
  /** The timeout of an attempt, in seconds. */
  readonly timeout?: number;
  /** Replaces `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Called once for each deprecated operation that is used; the default is `console.warn`. */
  readonly warn?: (message: string) => void;
}

interface RequestParts {
  readonly path?: object;
  readonly query?: object;
  readonly header?: object;
  readonly cookie?: object;
  readonly body?: unknown;
}

interface FetchResult {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

type Send = (method: string, path: string, init: object) => Promise<FetchResult>;

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

  /** Call the operation and read its response. Throws ApiError, ConnectionFailedError, UnexpectedResponseError. */
  async send<Result>(operation: OperationInfo, input: unknown): Promise<Result> {
    if (operation.deprecated !== undefined) {
      this.#warn(operation, operation.deprecated);
    }
    const { data, error, response } = await this.#fetch(operation, (input ?? {}) as RequestParts);
    if (!response.ok) {
      throw errorOf(this.#errors, { operation: operation.name, status: response.status, headers: response.headers, body: error });
    }
    if (response.headers.has("deprecation") && operation.deprecated === undefined) {
      this.#warn(operation, `${operation.name} is deprecated; ${response.headers.get("sunset") ?? "no date is set"}`);
    }
    return data as Result;
  }

  async #fetch(operation: OperationInfo, parts: RequestParts): Promise<FetchResult> {
    const header = new Headers(this.#options.headers);
    const query: Record<string, unknown> = { ...parts.query };
    for (const [name, value] of Object.entries(parts.header ?? {})) {
      if (value !== undefined && value !== null) {
        header.set(name, String(value));
      }
    }
    const cookies = Object.entries(parts.cookie ?? {}).map(([name, value]) => `${name}=${value}`);
    for (const name of operation.credentials) {
      addCredential(this.#credentials[name], header, query, cookies);
    }
    if (cookies.length > 0) {
      header.set("Cookie", cookies.join("; "));
    }
    if (operation.idempotencyHeader !== undefined && !header.has(operation.idempotencyHeader)) {
      header.set(operation.idempotencyHeader, crypto.randomUUID());
    }
    const sent = parts.body === undefined ? {} : encoded(operation, parts.body, header);
    const fetch = (request: Request) => this.#sendWithRetries(operation, request);
    const init = { params: { path: parts.path, query }, headers: header, parseAs: operation.parseAs, fetch, ...sent };
    try {
      return await this.#send(operation.method, operation.path, init);
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw new UnexpectedResponseError(`${operation.name}: the response cannot be read`, { cause: error });
      }
      throw error;
    }
  }

  /** The response of the first attempt that needs no retry. */
  async #sendWithRetries(operation: OperationInfo, request: Request): Promise<Response> {
    const mayRetry = operation.isIdempotent || operation.idempotencyHeader !== undefined;
    for (let attempt = 1; ; attempt += 1) {
      let wait: number | undefined;
      try {
        const response = await this.#attempt(request);
        const retryAfter = secondsOf(response.headers.get("retry-after"));
        wait = mayRetry && RETRIED_STATUSES.has(response.status) ? waitFor(this.#retries, attempt, retryAfter) : undefined;
        if (wait === undefined) {
          return response;
        }
        await response.body?.cancel();
      } catch (error) {
        wait = mayRetry ? waitFor(this.#retries, attempt, undefined) : undefined;
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

  #warn(operation: OperationInfo, message: string): void {
    if (!this.#warned.has(operation.name)) {
      this.#warned.add(operation.name);
      (this.#options.warn ?? console.warn)(message);
    }
  }
}

/** The value of `Authorization` for a user name and a password (RFC 7617). */
export function basic([name, password]: readonly [string, string]): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function addCredential(credential: Credential | undefined, header: Headers, query: Record<string, unknown>, cookies: string[]): void {
  if (credential === undefined) {
    return;
  }
  if (credential.location === "query") {
    query[credential.name] = credential.value;
  } else if (credential.location === "cookie") {
    cookies.push(`${credential.name}=${credential.value}`);
  } else if (!header.has(credential.name)) {
    header.set(credential.name, credential.value);
  }
}

/** The encoded body: JSON unless it is text or bytes, or the operation accepts a form. */
function encoded(operation: OperationInfo, body: unknown, header: Headers): object {
  const raw = typeof body === "string" || body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  const type = operation.bodyTypes.find((mediaType) => JSON_TYPE.test(mediaType) !== raw) ?? operation.bodyTypes[0] ?? "application/json";
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
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) {
        form.append(name, item instanceof Blob || typeof item !== "object" ? (item as string) : JSON.stringify(item));
      }
    }
  }
  return form;
}
