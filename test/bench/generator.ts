import { connect, type Socket } from "node:net";

export interface Target {
  readonly port: number;
  /** Whole HTTP requests, head and body, sent in turn. */
  readonly requests: readonly Buffer[];
}

export interface Window {
  readonly inFlight: number;
  /** Not counted: connections are made, code gets warm. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Looked at when the window opens and when it closes; its growth is told. */
  serverCpuSeconds(): number;
}

export interface Measured {
  readonly answered: number;
  /** Answers other than 200. They are not among the answered, and their times are not kept. */
  readonly refused: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuSeconds: number;
  readonly clientCpuSeconds: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = Buffer.from("Content-Length: ");
/** Where the three digits of the status stand in `HTTP/1.1 200 OK`. */
const STATUS_AT = 9;

/**
 * One connection for each write in flight, the next request sent when the answer to the last is whole. Requests are
 * bytes that were made before, and of an answer only status and length are looked at: the generator shares the cores
 * with what it measures.
 */
export async function measure(target: Target, window: Window): Promise<Measured> {
  const { requests } = target;
  const first = requests[0];
  if (first === undefined) throw new Error("there are no requests to send");
  let counting = false;
  let over = false;
  let refused = 0;
  let sent = 0;
  const times: number[] = [];

  const connections = await Promise.all(
    Array.from({ length: window.inFlight }, () => openConnection(target.port)),
  );
  const broken = new Promise<never>((_, reject) => {
    for (const socket of connections) {
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the server ended a connection")));
    }
  });
  const ends = connections.map(
    (socket) =>
      new Promise<void>((resolve) => {
        let sentMs = 0;
        const send = (): void => {
          if (over) {
            resolve();
            return;
          }
          sentMs = performance.now();
          socket.write(requests[sent++ % requests.length] ?? first);
        };
        socket.on(
          "data",
          answers((status) => {
            if (counting && status === 200) times.push(performance.now() - sentMs);
            else if (counting) refused += 1;
            send();
          }),
        );
        send();
      }),
  );

  try {
    await Promise.race([after(window.warmUpMs), broken]);
    counting = true;
    const serverBefore = window.serverCpuSeconds();
    const clientBefore = process.cpuUsage();
    const begunMs = performance.now();
    await Promise.race([after(window.measureMs), broken]);
    counting = false;
    const seconds = (performance.now() - begunMs) / 1000;
    const serverCpuSeconds = window.serverCpuSeconds() - serverBefore;
    const client = process.cpuUsage(clientBefore);
    over = true;
    await Promise.race([Promise.all(ends), broken]);
    const sorted = Float64Array.from(times).sort();
    return {
      answered: sorted.length,
      refused,
      seconds,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      serverCpuSeconds,
      clientCpuSeconds: (client.user + client.system) / 1e6,
    };
  } finally {
    for (const socket of connections) socket.removeAllListeners("close").destroy();
  }
}

/** The value below which this share of them lies; NaN where there are none. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function openConnection(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

/** Calls back with the status of each answer that is whole. Both servers send small answers with a length. */
function answers(onAnswer: (status: number) => void): (piece: Buffer) => void {
  let rest: Buffer | null = null;
  return (piece) => {
    const bytes: Buffer = rest === null ? piece : Buffer.concat([rest, piece]);
    rest = bytes;
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const lengthAt = bytes.indexOf(LENGTH);
    if (lengthAt < 0 || lengthAt > headEnd) throw new Error("an answer came without its length");
    const lengthFrom = lengthAt + LENGTH.length;
    const length = Number.parseInt(bytes.toString("latin1", lengthFrom, lengthFrom + 8), 10);
    if (bytes.length < headEnd + HEAD_END.length + length) return;
    // One request a connection: nothing stands behind its answer.
    rest = null;
    onAnswer(Number(bytes.toString("latin1", STATUS_AT, STATUS_AT + 3)));
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
