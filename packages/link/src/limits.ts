/** What this build speaks, and the lowest version that it still understands. */
export const PROTOCOL_VERSION = 1;
export const LOWEST_VERSION = 1;

/** Frames of one turn share a packet up to this size; a single larger frame goes alone. */
export const PACKET_SOFT_BYTES = 1024 * 1024;
/** The largest payload of one frame: asserted when sending, refused as `oversized` when receiving. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** Packet number and checksum. */
export const PACKET_HEADER_BYTES = 8;
/** Kind, and the longest length that a frame can have. */
export const FRAME_HEADER_BYTES = 1 + 4;
/** The largest message on the wire, so also what a WebSocket has to let through. */
export const MAX_PACKET_BYTES = PACKET_HEADER_BYTES + FRAME_HEADER_BYTES + MAX_FRAME_BYTES;
/**
 * Frames in one packet. An empty frame takes two bytes on the wire and a hundred in memory: without this bound a
 * packet of the allowed size could cost its receiver half a gigabyte.
 */
export const MAX_PACKET_FRAMES = 65_536;
/** A greeting is small, and it comes from somebody who is not known yet. */
export const MAX_HELLO_PACKET_BYTES = 1024;

/** The one timer of a node. Every time below is met to this precision. */
export const TICK_MS = 250;
/** A connection that has sent nothing for so long sends an empty packet. */
export const KEEPALIVE_MS = 1000;
/** Every connection, idle or busy, measures its round trip so often. */
export const ROUND_TRIP_EVERY_MS = 5000;
/** A connection on which nothing came for so long is given up. */
export const SILENT_MS = 3000;
/** So long each step towards `up` may take: to connect, to greet, to confirm. */
export const GREETING_MS = 3000;

export const BACKOFF_FIRST_MS = 50;
export const BACKOFF_LAST_MS = 2000;

/** Accepted sockets that have not greeted yet; more are refused as `too_many_strangers`. */
export const MAX_STRANGERS = 64;
/** What may wait for one slow peer before `send` refuses, in bytes. */
export const DEFAULT_MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** Kinds from here on are the link's own. */
export const FIRST_OWN_KIND = 0xf0;
