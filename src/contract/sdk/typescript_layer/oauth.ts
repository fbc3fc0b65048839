/** Access tokens by the client credentials grant of OAuth 2 (RFC 6749, section 4.4). */
import { ConnectionFailedError, SdkError } from "./problems.js";

/** The token endpoint refused the client. `body` is its response. */
export class TokenRefusedError extends SdkError {
  override readonly name: string = "TokenRefusedError";

  constructor(
    readonly status: number,
    readonly body: string,
  ) {
    super(`The token endpoint answered ${status}: ${body.slice(0, 200)}`);
  }
}

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes?: readonly string[];
  readonly tokenUrl: string;
  readonly fetch?: (request: Request) => Promise<Response>;
}

const EARLY_MILLISECONDS = 30_000;

/** A credential that gets a token when there is none, or when it is about to expire. Concurrent calls share one request. A token that the server refused is replaced. */
export function clientCredentials(client: ClientCredentials): (refused?: string) => Promise<string> {
  let current: { token: string; expiresAt: number } | undefined;
  let pending: Promise<string> | undefined;
  const get = async () => {
    current = await request(client);
    return current.token;
  };
  return (refused) => {
    if (current !== undefined && current.token !== refused && Date.now() < current.expiresAt) {
      return Promise.resolve(current.token);
    }
    pending ??= get().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

async function request(client: ClientCredentials): Promise<{ token: string; expiresAt: number }> {
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  if (client.scopes !== undefined && client.scopes.length > 0) {
    body.set("scope", client.scopes.join(" "));
  }
  // Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
  const encoded = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  const pair = btoa(`${encoded(client.clientId)}:${encoded(client.clientSecret)}`);
  const headers = { Authorization: `Basic ${pair}`, Accept: "application/json" };
  const sent = new Request(client.tokenUrl, { method: "POST", headers, body, redirect: "manual" });
  const response = await (client.fetch ?? fetch)(sent).catch((error: unknown) => {
    throw new ConnectionFailedError(`${client.tokenUrl}: ${error}`, { cause: error });
  });
  const text = await response.text();
  const answer = decoded(text);
  if (!response.ok || typeof answer.access_token !== "string") {
    throw new TokenRefusedError(response.status, text);
  }
  const seconds = typeof answer.expires_in === "number" ? answer.expires_in : 300;
  return { token: answer.access_token, expiresAt: Date.now() + seconds * 1000 - Math.min(EARLY_MILLISECONDS, seconds * 500) };
}

function decoded(text: string): { access_token?: unknown; expires_in?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
