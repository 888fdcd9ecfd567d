import type { IncomingHttpHeaders } from "node:http";
import { IsthmusError } from "@isthmus/kernel";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const AUTHORITY = `(?:localhost|127(?:\\.${OCTET}){3}|\\[::1\\])(?::\\d{1,5})?`;
const LOOPBACK_HOST = new RegExp(`^${AUTHORITY}$`, "i");
const LOOPBACK_ORIGIN = new RegExp(`^https?://${AUTHORITY}$`, "i");

/**
 * A server without tokens trusts whoever is on this machine, and a browser on this machine runs other people's pages.
 * Such a page shows itself by its `Origin`, or, where a name of its own was made to resolve to loopback, by `Host`.
 * Throws IsthmusError `forbidden`.
 */
export function checkLoopback(headers: IncomingHttpHeaders): void {
  const { host, origin } = headers;
  if (host === undefined || !LOOPBACK_HOST.test(host))
    throw new IsthmusError("forbidden", "without tokens, Host must be a loopback name or address");
  if (origin !== undefined && !LOOPBACK_ORIGIN.test(origin))
    throw new IsthmusError("forbidden", "without tokens, pages of other origins are not served");
}
