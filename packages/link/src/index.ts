/**
 * Sessions between nodes: at most one connection a pair, greeted, numbered, checksummed, kept alive and re-made, and
 * the WebSockets that carry it.
 *
 *     const network = webSocketNetwork({ maxMessageBytes: MAX_PACKET_BYTES, registry });
 *     const links = new Links({ network, clock, random, registry, self, peers, onFrame, onUp, onDown });
 *     await links.start();
 *     links.send(peer, KIND_APPEND, payload); // leaves at the end of this turn, with all else for that peer
 *
 * It leaves to others what the frames mean, and everything that has to survive a connection: sending again, order
 * across connections, acknowledgements.
 */
export { Backoff } from "./backoff.ts";
export type { LinkIdentity, LinkPeer } from "./hello.ts";
export {
  DEFAULT_MAX_BUFFERED_BYTES,
  FIRST_OWN_KIND,
  MAX_FRAME_BYTES,
  MAX_PACKET_BYTES,
  PROTOCOL_VERSION,
} from "./limits.ts";
export { type LinkStatus, Links, type LinksOptions } from "./links.ts";
export { type Frame, type PacketFault, PacketReader, PacketWriter } from "./packet.ts";
export { type Received, Session, type SessionFault, type SessionOptions, type Ticked } from "./session.ts";
export { type WebSocketNetworkOptions, webSocketNetwork } from "./web-socket.ts";
