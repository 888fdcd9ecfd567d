import protobuf from "protobufjs/minimal.js";

// All our 64-bit fields are natural numbers far below 2^53 and are checked to be: plain numbers serve, and cost less.
// Imported before the generated code, which looks for the other kind when it is loaded.
Object.assign(protobuf.util, { Long: undefined });
protobuf.configure();
