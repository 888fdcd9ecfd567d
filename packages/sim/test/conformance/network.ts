import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError, type Network, type Socket } from "@isthmus/kernel";

export interface NetworkWorld {
  /** Two machines that reach each other; `here` dials. */
  readonly here: Network;
  readonly there: Network;
  /** An address of `there` at which nobody listens. */
  freeAddress(): Promise<string>;
  /** Lets the world go on until `body` has settled. */
  run<T>(body: Promise<T>): Promise<T>;
}

interface Pair {
  readonly client: Recorded;
  readonly server: Recorded;
  readonly close: () => Promise<void>;
}

/** What every network behind the port keeps. */
export function networkConformance(name: string, make: () => NetworkWorld): void {
  const property = (title: string, body: (world: NetworkWorld) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const world = make();
      await world.run(body(world));
    });
  };

  property("messages arrive whole and in order, both ways", async (world) => {
    const { client, server, close } = await pair(world);
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000];
    for (const size of sizes) assert.equal(client.socket.send(filled(size)), true);
    for (const size of sizes) assert.equal(server.socket.send(filled(size)), true);
    for (const end of [client, server]) {
      await end.received(sizes.length);
      assert.deepEqual(
        end.messages.map((bytes) => Buffer.from(bytes)),
        sizes.map(filled),
      );
    }
    await close();
  });

  property("a hundred messages sent in one turn keep their order", async (world) => {
    const { client, server, close } = await pair(world);
    for (let index = 0; index < 100; index++) client.socket.send(Uint8Array.of(index));
    await server.received(100);
    assert.deepEqual(
      server.messages.map((bytes) => bytes[0]),
      Array.from({ length: 100 }, (_, index) => index),
    );
    await close();
  });

  property("nothing is sent before a socket is open", async (world) => {
    const address = await world.freeAddress();
    const listener = await world.there.listen(address, (socket) => {
      assert.equal(socket.send(Uint8Array.of(1)), false);
      record(socket);
    });
    const client = record(world.here.connect(address));
    assert.equal(client.socket.send(Uint8Array.of(1)), false);
    await client.opened;
    assert.equal(client.socket.send(Uint8Array.of(1)), true);
    client.socket.close("done");
    await listener.close();
  });

  property("what was sent before a close arrives before it, with the reason", async (world) => {
    const { client, server, close } = await pair(world);
    client.socket.send(Uint8Array.of(7));
    client.socket.close("enough");
    assert.equal(await server.closed, "enough");
    assert.deepEqual(
      server.messages.map((bytes) => bytes[0]),
      [7],
    );
    assert.equal(server.socket.send(Uint8Array.of(1)), false);
    await close();
  });

  property("who closes is told once, after this turn, and hears nothing more", async (world) => {
    const { client, server, close } = await pair(world);
    server.socket.send(Uint8Array.of(1));
    client.socket.close("enough");
    assert.equal(client.closes, 0);
    client.socket.close("again");
    assert.equal(await client.closed, "enough");
    assert.equal(client.socket.send(Uint8Array.of(1)), false);
    assert.equal(client.socket.bufferedBytes, 0);
    await server.closed;
    assert.deepEqual([client.closes, server.closes, client.messages.length], [1, 1, 0]);
    await close();
  });

  property("a connect to where nobody listens ends in a close and no open", async (world) => {
    const client = record(world.here.connect(await world.freeAddress()));
    assert.equal(await client.closed, "connection_refused");
    assert.equal(client.opens, 0);
  });

  property("a connect that is closed before it opened ends in one close", async (world) => {
    const address = await world.freeAddress();
    const listener = await world.there.listen(address, (socket) => {
      record(socket);
    });
    const client = record(world.here.connect(address));
    client.socket.close("changed my mind");
    assert.equal(await client.closed, "changed my mind");
    const second = record(world.here.connect(address));
    await second.opened;
    assert.deepEqual([client.opens, client.closes], [0, 1]);
    await listener.close();
  });

  property(
    "an address that is taken is refused by name, and free again after its listener closed",
    async (world) => {
      const address = await world.freeAddress();
      const ignore = (socket: Socket): void => {
        record(socket);
      };
      const first = await world.there.listen(address, ignore);
      await assert.rejects(
        world.there.listen(address, ignore),
        (error) =>
          error instanceof IsthmusError && error.code === "address_in_use" && error.facts.address === address,
      );
      await first.close();
      const second = await world.there.listen(address, ignore);
      await second.close();
    },
  );

  property("what is no address is refused by name, or answered with a close", async (world) => {
    await assert.rejects(
      world.there.listen("somewhere", () => {}),
      (error) => error instanceof IsthmusError && error.code === "address_unavailable",
    );
    const client = record(world.here.connect("somewhere"));
    await client.closed;
    assert.equal(client.opens, 0);
  });

  property("a listener that closes ends its sockets", async (world) => {
    const { client, server, close } = await pair(world);
    await close();
    assert.equal(await client.closed, "listener closed");
    assert.equal(await server.closed, "listener closed");
  });

  property("two sockets between the same machines are apart", async (world) => {
    const address = await world.freeAddress();
    const accepted: Recorded[] = [];
    const listener = await world.there.listen(address, (socket) => {
      accepted.push(record(socket));
    });
    const first = record(world.here.connect(address));
    await first.opened;
    const second = record(world.here.connect(address));
    await second.opened;
    first.socket.send(Uint8Array.of(1));
    second.socket.send(Uint8Array.of(2));
    const [one, two] = accepted;
    assert.ok(one && two);
    await Promise.all([one.received(1), two.received(1)]);
    assert.deepEqual([one.messages[0]?.[0], two.messages[0]?.[0]], [1, 2]);
    first.socket.close("done");
    await one.closed;
    assert.equal(second.closes, 0);
    await listener.close();
  });
}

async function pair(world: NetworkWorld): Promise<Pair> {
  const address = await world.freeAddress();
  let accepted: (server: Recorded) => void = () => {};
  const arrived = new Promise<Recorded>((resolve) => {
    accepted = resolve;
  });
  const listener = await world.there.listen(address, (socket) => accepted(record(socket)));
  const client = record(world.here.connect(address));
  const [server] = await Promise.all([arrived, client.opened]);
  await server.opened;
  return { client, server, close: () => listener.close() };
}

/** A socket with all that its handlers were told. */
class Recorded {
  readonly socket: Socket;
  readonly opened: Promise<void>;
  readonly closed: Promise<string>;
  readonly messages: Uint8Array[] = [];
  opens = 0;
  closes = 0;
  #waiters: { count: number; resolve: () => void }[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    let open: () => void = () => {};
    let close: (reason: string) => void = () => {};
    this.opened = new Promise((resolve) => {
      open = resolve;
    });
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    socket.handle({
      onOpen: () => {
        assert.equal(this.closes, 0, "nothing follows a close");
        this.opens += 1;
        open();
      },
      onMessage: (bytes) => {
        assert.deepEqual([this.opens, this.closes], [1, 0], "messages come between open and close");
        this.messages.push(bytes);
        for (const waiter of this.#waiters) if (this.messages.length >= waiter.count) waiter.resolve();
      },
      onClose: (reason) => {
        this.closes += 1;
        close(reason);
      },
    });
    assert.deepEqual([this.opens, this.closes], [0, 0], "handlers are called in later turns");
  }

  received(count: number): Promise<void> {
    if (this.messages.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }
}

function record(socket: Socket): Recorded {
  return new Recorded(socket);
}

function filled(size: number): Buffer {
  return Buffer.alloc(size, size % 251);
}
