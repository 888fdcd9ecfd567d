/** Writes docs/topology.schema.json anew: `node packages/node/scripts/write-topology-schema.ts` after a build. */
import { writeFileSync } from "node:fs";
import { topologyJsonSchema } from "@isthmus/node";

const target = new URL("../../../docs/topology.schema.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`);
