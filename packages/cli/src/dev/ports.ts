import { createServer } from "node:net";
import { parseAddress } from "@isthmus/node";
import { systemCode } from "../failure.ts";

/** The first of the addresses at which somebody listens already, or that cannot be listened at; null if all are free. */
export async function firstTaken(
  addresses: readonly string[],
): Promise<{ address: string; why: string } | null> {
  for (const address of addresses) {
    const why = await takenBecause(address);
    if (why !== null) return { address, why };
  }
  return null;
}

async function takenBecause(address: string): Promise<string | null> {
  const parsed = parseAddress(address);
  if (!parsed) return "it is not an address";
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<string | null>();
  server.once("error", (error) => resolve(describe(error)));
  server.listen({ host: parsed.host.replace(/^\[(.*)\]$/, "$1"), port: parsed.port, exclusive: true }, () =>
    server.close(() => resolve(null)),
  );
  return promise;
}

function describe(error: Error): string {
  const code = systemCode(error);
  if (code === "EADDRINUSE") return "another process listens there";
  if (code === "EACCES") return "listening there is not permitted";
  return error.message;
}
