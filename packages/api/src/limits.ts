/** What one node's HTTP face allows. Every queue and every wait in it is one of these. */
export interface ApiLimits {
  /** Bytes of one request body. */
  readonly bodyBytes: number;
  /** Data requests that are being read, waited for or written out at one time. */
  readonly inflight: number;
  /** Milliseconds that a write or read may wait in the service. */
  readonly requestTimeoutMs: number;
  /** Milliseconds from a request's head to the last byte of its body. */
  readonly bodyTimeoutMs: number;
  /** Connections; further ones are dropped. */
  readonly connections: number;
  /** Milliseconds that `close` waits for requests that still run. */
  readonly closeTimeoutMs: number;
}

export const DEFAULT_API_LIMITS: ApiLimits = {
  bodyBytes: 4 * 1024 * 1024,
  inflight: 1024,
  requestTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  connections: 8192,
  closeTimeoutMs: 5_000,
};

/** Answers to reads that wait for their clients, of one node; past it further reads are refused. */
export const UNSENT_MAX_BYTES = 64 * 1024 * 1024;

/** Records of one page: of edges, and of an export. */
export const PAGE_MAX_RECORDS = 1000;
export const EDGES_DEFAULT_RECORDS = 100;

/** A page ends early once it has this many bytes: records differ in size by a factor of thousands. */
export const PAGE_BYTES = 4 * 1024 * 1024;
