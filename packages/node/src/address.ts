/** What a node listens on and is dialled at: a scheme, a host and a port, nothing behind them. */
export interface Address {
  readonly scheme: string;
  /** As written; an IPv6 host keeps its brackets. */
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^([a-z]+):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?):([0-9]{1,5})$/;
const PORT_MAX = 65_535;

/** `SCHEME://HOST:PORT` taken apart, or null. The port is never left to a default: two nodes would meet on it. */
export function parseAddress(text: string): Address | null {
  const match = ADDRESS.exec(text);
  const [, scheme, host, , digits] = match ?? [];
  const port = Number(digits);
  if (!scheme || !host || !(port >= 1 && port <= PORT_MAX)) return null;
  return { scheme, host, port };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.(0|[1-9][0-9]{0,2})){3}$/.test(host);
}
