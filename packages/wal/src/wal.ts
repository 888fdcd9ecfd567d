import type { Wal, WalOptions } from "./types.ts";
export async function openWal(_options: WalOptions): Promise<Wal> {
  throw new Error("being written");
}
