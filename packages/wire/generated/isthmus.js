/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const isthmus = $root.isthmus = (() => {

    /**
     * Namespace isthmus.
     * @exports isthmus
     * @namespace
     */
    const isthmus = {};

    isthmus.RaftEntry = (function() {

        /**
         * Properties of a RaftEntry.
         * @typedef {Object} isthmus.RaftEntry.$Properties
         * @property {number|null} [term] RaftEntry term
         * @property {number|null} [index] RaftEntry index
         * @property {number|null} [type] RaftEntry type
         * @property {Uint8Array|null} [data] RaftEntry data
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RaftEntry.
         * @memberof isthmus
         * @interface IRaftEntry
         * @augments isthmus.RaftEntry.$Properties
         * @deprecated Use isthmus.RaftEntry.$Properties instead.
         */

        /**
         * Shape of a RaftEntry.
         * @typedef {isthmus.RaftEntry.$Properties} isthmus.RaftEntry.$Shape
         */

        /**
         * Constructs a new RaftEntry.
         * @memberof isthmus
         * @classdesc Represents a RaftEntry.
         * @constructor
         * @param {isthmus.RaftEntry.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RaftEntry = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RaftEntry term.
         * @member {number} term
         * @memberof isthmus.RaftEntry
         * @instance
         */
        RaftEntry.prototype.term = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftEntry index.
         * @member {number} index
         * @memberof isthmus.RaftEntry
         * @instance
         */
        RaftEntry.prototype.index = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftEntry type.
         * @member {number} type
         * @memberof isthmus.RaftEntry
         * @instance
         */
        RaftEntry.prototype.type = 0;

        /**
         * RaftEntry data.
         * @member {Uint8Array|null|undefined} data
         * @memberof isthmus.RaftEntry
         * @instance
         */
        RaftEntry.prototype.data = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        // Virtual OneOf for proto3 optional field
        $Object.defineProperty(RaftEntry.prototype, "_data", {
            get: $util.oneOfGetter($oneOfFields = ["data"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified RaftEntry message. Does not implicitly {@link isthmus.RaftEntry.verify|verify} messages.
         * @function encode
         * @memberof isthmus.RaftEntry
         * @static
         * @param {isthmus.RaftEntry.$Properties} message RaftEntry message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RaftEntry.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.term != null && $Object.hasOwnProperty.call(message, "term") && (typeof message.term === "object" ? message.term.low || message.term.high : message.term !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.term);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && (typeof message.index === "object" ? message.index.low || message.index.high : message.index !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.index);
            if (message.type != null && $Object.hasOwnProperty.call(message, "type") && message.type !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.type);
            if (message.data != null && $Object.hasOwnProperty.call(message, "data"))
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.data);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RaftEntry message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.RaftEntry
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.RaftEntry & isthmus.RaftEntry.$Shape} RaftEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RaftEntry.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.RaftEntry();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.term = value;
                        else
                            delete message.term;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.type = value;
                        else
                            delete message.type;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.data = reader.bytes();
                        message._data = "data";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RaftEntry;
    })();

    isthmus.RaftConfState = (function() {

        /**
         * Properties of a RaftConfState.
         * @typedef {Object} isthmus.RaftConfState.$Properties
         * @property {Array.<number>|null} [voters] RaftConfState voters
         * @property {Array.<number>|null} [outgoing] RaftConfState outgoing
         * @property {Array.<number>|null} [learners] RaftConfState learners
         * @property {Array.<number>|null} [learnersNext] RaftConfState learnersNext
         * @property {boolean|null} [autoLeave] RaftConfState autoLeave
         * @property {number|null} [index] RaftConfState index
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RaftConfState.
         * @memberof isthmus
         * @interface IRaftConfState
         * @augments isthmus.RaftConfState.$Properties
         * @deprecated Use isthmus.RaftConfState.$Properties instead.
         */

        /**
         * Shape of a RaftConfState.
         * @typedef {isthmus.RaftConfState.$Properties} isthmus.RaftConfState.$Shape
         */

        /**
         * Constructs a new RaftConfState.
         * @memberof isthmus
         * @classdesc Represents a RaftConfState.
         * @constructor
         * @param {isthmus.RaftConfState.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RaftConfState = function (properties) {
            this.voters = [];
            this.outgoing = [];
            this.learners = [];
            this.learnersNext = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RaftConfState voters.
         * @member {Array.<number>} voters
         * @memberof isthmus.RaftConfState
         * @instance
         */
        RaftConfState.prototype.voters = $util.emptyArray;

        /**
         * RaftConfState outgoing.
         * @member {Array.<number>} outgoing
         * @memberof isthmus.RaftConfState
         * @instance
         */
        RaftConfState.prototype.outgoing = $util.emptyArray;

        /**
         * RaftConfState learners.
         * @member {Array.<number>} learners
         * @memberof isthmus.RaftConfState
         * @instance
         */
        RaftConfState.prototype.learners = $util.emptyArray;

        /**
         * RaftConfState learnersNext.
         * @member {Array.<number>} learnersNext
         * @memberof isthmus.RaftConfState
         * @instance
         */
        RaftConfState.prototype.learnersNext = $util.emptyArray;

        /**
         * RaftConfState autoLeave.
         * @member {boolean} autoLeave
         * @memberof isthmus.RaftConfState
         * @instance
         */
        RaftConfState.prototype.autoLeave = false;

        /**
         * RaftConfState index.
         * @member {number} index
         * @memberof isthmus.RaftConfState
         * @instance
         */
        RaftConfState.prototype.index = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified RaftConfState message. Does not implicitly {@link isthmus.RaftConfState.verify|verify} messages.
         * @function encode
         * @memberof isthmus.RaftConfState
         * @static
         * @param {isthmus.RaftConfState.$Properties} message RaftConfState message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RaftConfState.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.voters != null && message.voters.length)
                writer.uint32(/* id 1, wireType 2 =*/10).uint64s(message.voters);
            if (message.outgoing != null && message.outgoing.length)
                writer.uint32(/* id 2, wireType 2 =*/18).uint64s(message.outgoing);
            if (message.learners != null && message.learners.length)
                writer.uint32(/* id 3, wireType 2 =*/26).uint64s(message.learners);
            if (message.learnersNext != null && message.learnersNext.length)
                writer.uint32(/* id 4, wireType 2 =*/34).uint64s(message.learnersNext);
            if (message.autoLeave != null && $Object.hasOwnProperty.call(message, "autoLeave") && message.autoLeave !== false)
                writer.uint32(/* id 5, wireType 0 =*/40).bool(message.autoLeave);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && (typeof message.index === "object" ? message.index.low || message.index.high : message.index !== 0))
                writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.index);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RaftConfState message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.RaftConfState
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.RaftConfState & isthmus.RaftConfState.$Shape} RaftConfState
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RaftConfState.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.RaftConfState();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType === 2) {
                            if (!(message.voters && message.voters.length))
                                message.voters = [];
                            reader.uint64s(message.voters);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.voters && message.voters.length))
                            message.voters = [];
                        message.voters.push(reader.uint64());
                        continue;
                    }
                case 2: {
                        if (wireType === 2) {
                            if (!(message.outgoing && message.outgoing.length))
                                message.outgoing = [];
                            reader.uint64s(message.outgoing);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.outgoing && message.outgoing.length))
                            message.outgoing = [];
                        message.outgoing.push(reader.uint64());
                        continue;
                    }
                case 3: {
                        if (wireType === 2) {
                            if (!(message.learners && message.learners.length))
                                message.learners = [];
                            reader.uint64s(message.learners);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.learners && message.learners.length))
                            message.learners = [];
                        message.learners.push(reader.uint64());
                        continue;
                    }
                case 4: {
                        if (wireType === 2) {
                            if (!(message.learnersNext && message.learnersNext.length))
                                message.learnersNext = [];
                            reader.uint64s(message.learnersNext);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.learnersNext && message.learnersNext.length))
                            message.learnersNext = [];
                        message.learnersNext.push(reader.uint64());
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.autoLeave = value;
                        else
                            delete message.autoLeave;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RaftConfState;
    })();

    isthmus.RaftSnapshot = (function() {

        /**
         * Properties of a RaftSnapshot.
         * @typedef {Object} isthmus.RaftSnapshot.$Properties
         * @property {number|null} [index] RaftSnapshot index
         * @property {number|null} [term] RaftSnapshot term
         * @property {isthmus.RaftConfState.$Properties|null} [conf] RaftSnapshot conf
         * @property {Uint8Array|null} [data] RaftSnapshot data
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RaftSnapshot.
         * @memberof isthmus
         * @interface IRaftSnapshot
         * @augments isthmus.RaftSnapshot.$Properties
         * @deprecated Use isthmus.RaftSnapshot.$Properties instead.
         */

        /**
         * Shape of a RaftSnapshot.
         * @typedef {isthmus.RaftSnapshot.$Properties} isthmus.RaftSnapshot.$Shape
         */

        /**
         * Constructs a new RaftSnapshot.
         * @memberof isthmus
         * @classdesc Represents a RaftSnapshot.
         * @constructor
         * @param {isthmus.RaftSnapshot.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RaftSnapshot = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RaftSnapshot index.
         * @member {number} index
         * @memberof isthmus.RaftSnapshot
         * @instance
         */
        RaftSnapshot.prototype.index = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftSnapshot term.
         * @member {number} term
         * @memberof isthmus.RaftSnapshot
         * @instance
         */
        RaftSnapshot.prototype.term = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftSnapshot conf.
         * @member {isthmus.RaftConfState.$Properties|null|undefined} conf
         * @memberof isthmus.RaftSnapshot
         * @instance
         */
        RaftSnapshot.prototype.conf = null;

        /**
         * RaftSnapshot data.
         * @member {Uint8Array|null|undefined} data
         * @memberof isthmus.RaftSnapshot
         * @instance
         */
        RaftSnapshot.prototype.data = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        // Virtual OneOf for proto3 optional field
        $Object.defineProperty(RaftSnapshot.prototype, "_data", {
            get: $util.oneOfGetter($oneOfFields = ["data"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified RaftSnapshot message. Does not implicitly {@link isthmus.RaftSnapshot.verify|verify} messages.
         * @function encode
         * @memberof isthmus.RaftSnapshot
         * @static
         * @param {isthmus.RaftSnapshot.$Properties} message RaftSnapshot message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RaftSnapshot.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && (typeof message.index === "object" ? message.index.low || message.index.high : message.index !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.index);
            if (message.term != null && $Object.hasOwnProperty.call(message, "term") && (typeof message.term === "object" ? message.term.low || message.term.high : message.term !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.term);
            if (message.conf != null && $Object.hasOwnProperty.call(message, "conf"))
                $root.isthmus.RaftConfState.encode(message.conf, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.data != null && $Object.hasOwnProperty.call(message, "data"))
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.data);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RaftSnapshot message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.RaftSnapshot
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.RaftSnapshot & isthmus.RaftSnapshot.$Shape} RaftSnapshot
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RaftSnapshot.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.RaftSnapshot();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.term = value;
                        else
                            delete message.term;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.conf = $root.isthmus.RaftConfState.decode(reader, reader.size(), $undefined, _depth + 1, message.conf);
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.data = reader.bytes();
                        message._data = "data";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RaftSnapshot;
    })();

    isthmus.RaftMessage = (function() {

        /**
         * Properties of a RaftMessage.
         * @typedef {Object} isthmus.RaftMessage.$Properties
         * @property {number|null} [type] RaftMessage type
         * @property {number|null} [to] RaftMessage to
         * @property {number|null} [from] RaftMessage from
         * @property {number|null} [term] RaftMessage term
         * @property {number|null} [logTerm] RaftMessage logTerm
         * @property {number|null} [index] RaftMessage index
         * @property {number|null} [commit] RaftMessage commit
         * @property {number|null} [vote] RaftMessage vote
         * @property {Array.<isthmus.RaftEntry.$Properties>|null} [entries] RaftMessage entries
         * @property {isthmus.RaftSnapshot.$Properties|null} [snapshot] RaftMessage snapshot
         * @property {boolean|null} [reject] RaftMessage reject
         * @property {number|null} [rejectHint] RaftMessage rejectHint
         * @property {Uint8Array|null} [context] RaftMessage context
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RaftMessage.
         * @memberof isthmus
         * @interface IRaftMessage
         * @augments isthmus.RaftMessage.$Properties
         * @deprecated Use isthmus.RaftMessage.$Properties instead.
         */

        /**
         * Shape of a RaftMessage.
         * @typedef {isthmus.RaftMessage.$Properties} isthmus.RaftMessage.$Shape
         */

        /**
         * Constructs a new RaftMessage.
         * @memberof isthmus
         * @classdesc Represents a RaftMessage.
         * @constructor
         * @param {isthmus.RaftMessage.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RaftMessage = function (properties) {
            this.entries = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RaftMessage type.
         * @member {number} type
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.type = 0;

        /**
         * RaftMessage to.
         * @member {number} to
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.to = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage from.
         * @member {number} from
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.from = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage term.
         * @member {number} term
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.term = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage logTerm.
         * @member {number} logTerm
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.logTerm = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage index.
         * @member {number} index
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.index = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage commit.
         * @member {number} commit
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.commit = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage vote.
         * @member {number} vote
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.vote = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage entries.
         * @member {Array.<isthmus.RaftEntry.$Properties>} entries
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.entries = $util.emptyArray;

        /**
         * RaftMessage snapshot.
         * @member {isthmus.RaftSnapshot.$Properties|null|undefined} snapshot
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.snapshot = null;

        /**
         * RaftMessage reject.
         * @member {boolean} reject
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.reject = false;

        /**
         * RaftMessage rejectHint.
         * @member {number} rejectHint
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.rejectHint = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * RaftMessage context.
         * @member {Uint8Array|null|undefined} context
         * @memberof isthmus.RaftMessage
         * @instance
         */
        RaftMessage.prototype.context = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        // Virtual OneOf for proto3 optional field
        $Object.defineProperty(RaftMessage.prototype, "_context", {
            get: $util.oneOfGetter($oneOfFields = ["context"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified RaftMessage message. Does not implicitly {@link isthmus.RaftMessage.verify|verify} messages.
         * @function encode
         * @memberof isthmus.RaftMessage
         * @static
         * @param {isthmus.RaftMessage.$Properties} message RaftMessage message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RaftMessage.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.type != null && $Object.hasOwnProperty.call(message, "type") && message.type !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.type);
            if (message.to != null && $Object.hasOwnProperty.call(message, "to") && (typeof message.to === "object" ? message.to.low || message.to.high : message.to !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.to);
            if (message.from != null && $Object.hasOwnProperty.call(message, "from") && (typeof message.from === "object" ? message.from.low || message.from.high : message.from !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.from);
            if (message.term != null && $Object.hasOwnProperty.call(message, "term") && (typeof message.term === "object" ? message.term.low || message.term.high : message.term !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.term);
            if (message.logTerm != null && $Object.hasOwnProperty.call(message, "logTerm") && (typeof message.logTerm === "object" ? message.logTerm.low || message.logTerm.high : message.logTerm !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.logTerm);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && (typeof message.index === "object" ? message.index.low || message.index.high : message.index !== 0))
                writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.index);
            if (message.commit != null && $Object.hasOwnProperty.call(message, "commit") && (typeof message.commit === "object" ? message.commit.low || message.commit.high : message.commit !== 0))
                writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.commit);
            if (message.vote != null && $Object.hasOwnProperty.call(message, "vote") && (typeof message.vote === "object" ? message.vote.low || message.vote.high : message.vote !== 0))
                writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.vote);
            if (message.entries != null && message.entries.length)
                for (let i = 0; i < message.entries.length; ++i)
                    $root.isthmus.RaftEntry.encode(message.entries[i], writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.snapshot != null && $Object.hasOwnProperty.call(message, "snapshot"))
                $root.isthmus.RaftSnapshot.encode(message.snapshot, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.reject != null && $Object.hasOwnProperty.call(message, "reject") && message.reject !== false)
                writer.uint32(/* id 11, wireType 0 =*/88).bool(message.reject);
            if (message.rejectHint != null && $Object.hasOwnProperty.call(message, "rejectHint") && (typeof message.rejectHint === "object" ? message.rejectHint.low || message.rejectHint.high : message.rejectHint !== 0))
                writer.uint32(/* id 12, wireType 0 =*/96).uint64(message.rejectHint);
            if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                writer.uint32(/* id 13, wireType 2 =*/106).bytes(message.context);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RaftMessage message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.RaftMessage
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.RaftMessage & isthmus.RaftMessage.$Shape} RaftMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RaftMessage.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.RaftMessage();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.type = value;
                        else
                            delete message.type;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.to = value;
                        else
                            delete message.to;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.from = value;
                        else
                            delete message.from;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.term = value;
                        else
                            delete message.term;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.logTerm = value;
                        else
                            delete message.logTerm;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.commit = value;
                        else
                            delete message.commit;
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.vote = value;
                        else
                            delete message.vote;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if (!(message.entries && message.entries.length))
                            message.entries = [];
                        message.entries.push($root.isthmus.RaftEntry.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.snapshot = $root.isthmus.RaftSnapshot.decode(reader, reader.size(), $undefined, _depth + 1, message.snapshot);
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.reject = value;
                        else
                            delete message.reject;
                        continue;
                    }
                case 12: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.rejectHint = value;
                        else
                            delete message.rejectHint;
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        message.context = reader.bytes();
                        message._context = "context";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RaftMessage;
    })();

    isthmus.RaftPacket = (function() {

        /**
         * Properties of a RaftPacket.
         * @typedef {Object} isthmus.RaftPacket.$Properties
         * @property {string|null} [group] RaftPacket group
         * @property {Array.<isthmus.RaftMessage.$Properties>|null} [messages] RaftPacket messages
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RaftPacket.
         * @memberof isthmus
         * @interface IRaftPacket
         * @augments isthmus.RaftPacket.$Properties
         * @deprecated Use isthmus.RaftPacket.$Properties instead.
         */

        /**
         * Shape of a RaftPacket.
         * @typedef {isthmus.RaftPacket.$Properties} isthmus.RaftPacket.$Shape
         */

        /**
         * Constructs a new RaftPacket.
         * @memberof isthmus
         * @classdesc Represents a RaftPacket.
         * @constructor
         * @param {isthmus.RaftPacket.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RaftPacket = function (properties) {
            this.messages = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RaftPacket group.
         * @member {string} group
         * @memberof isthmus.RaftPacket
         * @instance
         */
        RaftPacket.prototype.group = "";

        /**
         * RaftPacket messages.
         * @member {Array.<isthmus.RaftMessage.$Properties>} messages
         * @memberof isthmus.RaftPacket
         * @instance
         */
        RaftPacket.prototype.messages = $util.emptyArray;

        /**
         * Encodes the specified RaftPacket message. Does not implicitly {@link isthmus.RaftPacket.verify|verify} messages.
         * @function encode
         * @memberof isthmus.RaftPacket
         * @static
         * @param {isthmus.RaftPacket.$Properties} message RaftPacket message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RaftPacket.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.messages != null && message.messages.length)
                for (let i = 0; i < message.messages.length; ++i)
                    $root.isthmus.RaftMessage.encode(message.messages[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RaftPacket message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.RaftPacket
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.RaftPacket & isthmus.RaftPacket.$Shape} RaftPacket
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RaftPacket.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.RaftPacket();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if (!(message.messages && message.messages.length))
                            message.messages = [];
                        message.messages.push($root.isthmus.RaftMessage.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RaftPacket;
    })();

    isthmus.LocalEntry = (function() {

        /**
         * Properties of a LocalEntry.
         * @typedef {Object} isthmus.LocalEntry.$Properties
         * @property {number|null} [epoch] LocalEntry epoch
         * @property {number|null} [wallMs] LocalEntry wallMs
         * @property {Uint8Array|null} [requests] LocalEntry requests
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a LocalEntry.
         * @memberof isthmus
         * @interface ILocalEntry
         * @augments isthmus.LocalEntry.$Properties
         * @deprecated Use isthmus.LocalEntry.$Properties instead.
         */

        /**
         * Shape of a LocalEntry.
         * @typedef {isthmus.LocalEntry.$Properties} isthmus.LocalEntry.$Shape
         */

        /**
         * Constructs a new LocalEntry.
         * @memberof isthmus
         * @classdesc Represents a LocalEntry.
         * @constructor
         * @param {isthmus.LocalEntry.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const LocalEntry = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * LocalEntry epoch.
         * @member {number} epoch
         * @memberof isthmus.LocalEntry
         * @instance
         */
        LocalEntry.prototype.epoch = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * LocalEntry wallMs.
         * @member {number} wallMs
         * @memberof isthmus.LocalEntry
         * @instance
         */
        LocalEntry.prototype.wallMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * LocalEntry requests.
         * @member {Uint8Array} requests
         * @memberof isthmus.LocalEntry
         * @instance
         */
        LocalEntry.prototype.requests = $util.newBuffer([]);

        /**
         * Encodes the specified LocalEntry message. Does not implicitly {@link isthmus.LocalEntry.verify|verify} messages.
         * @function encode
         * @memberof isthmus.LocalEntry
         * @static
         * @param {isthmus.LocalEntry.$Properties} message LocalEntry message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        LocalEntry.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.epoch);
            if (message.wallMs != null && $Object.hasOwnProperty.call(message, "wallMs") && (typeof message.wallMs === "object" ? message.wallMs.low || message.wallMs.high : message.wallMs !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.wallMs);
            if (message.requests != null && $Object.hasOwnProperty.call(message, "requests") && message.requests.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.requests);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a LocalEntry message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.LocalEntry
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.LocalEntry & isthmus.LocalEntry.$Shape} LocalEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        LocalEntry.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.LocalEntry();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.epoch = value;
                        else
                            delete message.epoch;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.wallMs = value;
                        else
                            delete message.wallMs;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.requests = value;
                        else
                            delete message.requests;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return LocalEntry;
    })();

    isthmus.PositionEntry = (function() {

        /**
         * Properties of a PositionEntry.
         * @typedef {Object} isthmus.PositionEntry.$Properties
         * @property {number|null} [position] PositionEntry position
         * @property {Uint8Array|null} [changes] PositionEntry changes
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a PositionEntry.
         * @memberof isthmus
         * @interface IPositionEntry
         * @augments isthmus.PositionEntry.$Properties
         * @deprecated Use isthmus.PositionEntry.$Properties instead.
         */

        /**
         * Shape of a PositionEntry.
         * @typedef {isthmus.PositionEntry.$Properties} isthmus.PositionEntry.$Shape
         */

        /**
         * Constructs a new PositionEntry.
         * @memberof isthmus
         * @classdesc Represents a PositionEntry.
         * @constructor
         * @param {isthmus.PositionEntry.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const PositionEntry = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * PositionEntry position.
         * @member {number} position
         * @memberof isthmus.PositionEntry
         * @instance
         */
        PositionEntry.prototype.position = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * PositionEntry changes.
         * @member {Uint8Array} changes
         * @memberof isthmus.PositionEntry
         * @instance
         */
        PositionEntry.prototype.changes = $util.newBuffer([]);

        /**
         * Encodes the specified PositionEntry message. Does not implicitly {@link isthmus.PositionEntry.verify|verify} messages.
         * @function encode
         * @memberof isthmus.PositionEntry
         * @static
         * @param {isthmus.PositionEntry.$Properties} message PositionEntry message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        PositionEntry.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.position != null && $Object.hasOwnProperty.call(message, "position") && (typeof message.position === "object" ? message.position.low || message.position.high : message.position !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.position);
            if (message.changes != null && $Object.hasOwnProperty.call(message, "changes") && message.changes.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.changes);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a PositionEntry message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.PositionEntry
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.PositionEntry & isthmus.PositionEntry.$Shape} PositionEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        PositionEntry.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.PositionEntry();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.position = value;
                        else
                            delete message.position;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.changes = value;
                        else
                            delete message.changes;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return PositionEntry;
    })();

    isthmus.Batch = (function() {

        /**
         * Properties of a Batch.
         * @typedef {Object} isthmus.Batch.$Properties
         * @property {string|null} [group] Batch group
         * @property {string|null} [origin] Batch origin
         * @property {number|null} [epoch] Batch epoch
         * @property {number|null} [sequence] Batch sequence
         * @property {Uint8Array|null} [stamp] Batch stamp
         * @property {Uint8Array|null} [context] Batch context
         * @property {Uint8Array|null} [previousHash] Batch previousHash
         * @property {Uint8Array|null} [requests] Batch requests
         * @property {Uint8Array|null} [outcome] Batch outcome
         * @property {Uint8Array|null} [hash] Batch hash
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Batch.
         * @memberof isthmus
         * @interface IBatch
         * @augments isthmus.Batch.$Properties
         * @deprecated Use isthmus.Batch.$Properties instead.
         */

        /**
         * Shape of a Batch.
         * @typedef {isthmus.Batch.$Properties} isthmus.Batch.$Shape
         */

        /**
         * Constructs a new Batch.
         * @memberof isthmus
         * @classdesc Represents a Batch.
         * @constructor
         * @param {isthmus.Batch.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Batch = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Batch group.
         * @member {string} group
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.group = "";

        /**
         * Batch origin.
         * @member {string} origin
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.origin = "";

        /**
         * Batch epoch.
         * @member {number} epoch
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.epoch = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Batch sequence.
         * @member {number} sequence
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Batch stamp.
         * @member {Uint8Array} stamp
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.stamp = $util.newBuffer([]);

        /**
         * Batch context.
         * @member {Uint8Array} context
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.context = $util.newBuffer([]);

        /**
         * Batch previousHash.
         * @member {Uint8Array} previousHash
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.previousHash = $util.newBuffer([]);

        /**
         * Batch requests.
         * @member {Uint8Array} requests
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.requests = $util.newBuffer([]);

        /**
         * Batch outcome.
         * @member {Uint8Array} outcome
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.outcome = $util.newBuffer([]);

        /**
         * Batch hash.
         * @member {Uint8Array} hash
         * @memberof isthmus.Batch
         * @instance
         */
        Batch.prototype.hash = $util.newBuffer([]);

        /**
         * Encodes the specified Batch message. Does not implicitly {@link isthmus.Batch.verify|verify} messages.
         * @function encode
         * @memberof isthmus.Batch
         * @static
         * @param {isthmus.Batch.$Properties} message Batch message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Batch.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.origin);
            if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.epoch);
            if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.sequence);
            if (message.stamp != null && $Object.hasOwnProperty.call(message, "stamp") && message.stamp.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.stamp);
            if (message.context != null && $Object.hasOwnProperty.call(message, "context") && message.context.length)
                writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.context);
            if (message.previousHash != null && $Object.hasOwnProperty.call(message, "previousHash") && message.previousHash.length)
                writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.previousHash);
            if (message.requests != null && $Object.hasOwnProperty.call(message, "requests") && message.requests.length)
                writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.requests);
            if (message.outcome != null && $Object.hasOwnProperty.call(message, "outcome") && message.outcome.length)
                writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.outcome);
            if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                writer.uint32(/* id 10, wireType 2 =*/82).bytes(message.hash);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Batch message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.Batch
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.Batch & isthmus.Batch.$Shape} Batch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Batch.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.Batch();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.origin = value;
                        else
                            delete message.origin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.epoch = value;
                        else
                            delete message.epoch;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.sequence = value;
                        else
                            delete message.sequence;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.stamp = value;
                        else
                            delete message.stamp;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.context = value;
                        else
                            delete message.context;
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.previousHash = value;
                        else
                            delete message.previousHash;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.requests = value;
                        else
                            delete message.requests;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.outcome = value;
                        else
                            delete message.outcome;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hash = value;
                        else
                            delete message.hash;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Batch;
    })();

    isthmus.Forward = (function() {

        /**
         * Properties of a Forward.
         * @typedef {Object} isthmus.Forward.$Properties
         * @property {string|null} [group] Forward group
         * @property {Array.<Uint8Array>|null} [requests] Forward requests
         * @property {number|null} [term] Forward term
         * @property {number|null} [nonce] Forward nonce
         * @property {number|null} [number] Forward number
         * @property {boolean|null} [again] Forward again
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Forward.
         * @memberof isthmus
         * @interface IForward
         * @augments isthmus.Forward.$Properties
         * @deprecated Use isthmus.Forward.$Properties instead.
         */

        /**
         * Shape of a Forward.
         * @typedef {isthmus.Forward.$Properties} isthmus.Forward.$Shape
         */

        /**
         * Constructs a new Forward.
         * @memberof isthmus
         * @classdesc Represents a Forward.
         * @constructor
         * @param {isthmus.Forward.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Forward = function (properties) {
            this.requests = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Forward group.
         * @member {string} group
         * @memberof isthmus.Forward
         * @instance
         */
        Forward.prototype.group = "";

        /**
         * Forward requests.
         * @member {Array.<Uint8Array>} requests
         * @memberof isthmus.Forward
         * @instance
         */
        Forward.prototype.requests = $util.emptyArray;

        /**
         * Forward term.
         * @member {number} term
         * @memberof isthmus.Forward
         * @instance
         */
        Forward.prototype.term = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Forward nonce.
         * @member {number} nonce
         * @memberof isthmus.Forward
         * @instance
         */
        Forward.prototype.nonce = 0;

        /**
         * Forward number.
         * @member {number} number
         * @memberof isthmus.Forward
         * @instance
         */
        Forward.prototype.number = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Forward again.
         * @member {boolean} again
         * @memberof isthmus.Forward
         * @instance
         */
        Forward.prototype.again = false;

        /**
         * Encodes the specified Forward message. Does not implicitly {@link isthmus.Forward.verify|verify} messages.
         * @function encode
         * @memberof isthmus.Forward
         * @static
         * @param {isthmus.Forward.$Properties} message Forward message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Forward.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.requests != null && message.requests.length)
                for (let i = 0; i < message.requests.length; ++i)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.requests[i]);
            if (message.term != null && $Object.hasOwnProperty.call(message, "term") && (typeof message.term === "object" ? message.term.low || message.term.high : message.term !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.term);
            if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && message.nonce !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.nonce);
            if (message.number != null && $Object.hasOwnProperty.call(message, "number") && (typeof message.number === "object" ? message.number.low || message.number.high : message.number !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.number);
            if (message.again != null && $Object.hasOwnProperty.call(message, "again") && message.again !== false)
                writer.uint32(/* id 6, wireType 0 =*/48).bool(message.again);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Forward message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.Forward
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.Forward & isthmus.Forward.$Shape} Forward
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Forward.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.Forward();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if (!(message.requests && message.requests.length))
                            message.requests = [];
                        message.requests.push(reader.bytes());
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.term = value;
                        else
                            delete message.term;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.nonce = value;
                        else
                            delete message.nonce;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.number = value;
                        else
                            delete message.number;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.again = value;
                        else
                            delete message.again;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Forward;
    })();

    isthmus.ForwardReply = (function() {

        /**
         * Properties of a ForwardReply.
         * @typedef {Object} isthmus.ForwardReply.$Properties
         * @property {string|null} [group] ForwardReply group
         * @property {Array.<Uint8Array>|null} [ids] ForwardReply ids
         * @property {string|null} [code] ForwardReply code
         * @property {number|null} [term] ForwardReply term
         * @property {number|null} [taken] ForwardReply taken
         * @property {number|null} [refused] ForwardReply refused
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ForwardReply.
         * @memberof isthmus
         * @interface IForwardReply
         * @augments isthmus.ForwardReply.$Properties
         * @deprecated Use isthmus.ForwardReply.$Properties instead.
         */

        /**
         * Shape of a ForwardReply.
         * @typedef {isthmus.ForwardReply.$Properties} isthmus.ForwardReply.$Shape
         */

        /**
         * Constructs a new ForwardReply.
         * @memberof isthmus
         * @classdesc Represents a ForwardReply.
         * @constructor
         * @param {isthmus.ForwardReply.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ForwardReply = function (properties) {
            this.ids = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ForwardReply group.
         * @member {string} group
         * @memberof isthmus.ForwardReply
         * @instance
         */
        ForwardReply.prototype.group = "";

        /**
         * ForwardReply ids.
         * @member {Array.<Uint8Array>} ids
         * @memberof isthmus.ForwardReply
         * @instance
         */
        ForwardReply.prototype.ids = $util.emptyArray;

        /**
         * ForwardReply code.
         * @member {string} code
         * @memberof isthmus.ForwardReply
         * @instance
         */
        ForwardReply.prototype.code = "";

        /**
         * ForwardReply term.
         * @member {number} term
         * @memberof isthmus.ForwardReply
         * @instance
         */
        ForwardReply.prototype.term = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * ForwardReply taken.
         * @member {number} taken
         * @memberof isthmus.ForwardReply
         * @instance
         */
        ForwardReply.prototype.taken = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * ForwardReply refused.
         * @member {number} refused
         * @memberof isthmus.ForwardReply
         * @instance
         */
        ForwardReply.prototype.refused = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified ForwardReply message. Does not implicitly {@link isthmus.ForwardReply.verify|verify} messages.
         * @function encode
         * @memberof isthmus.ForwardReply
         * @static
         * @param {isthmus.ForwardReply.$Properties} message ForwardReply message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ForwardReply.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.ids != null && message.ids.length)
                for (let i = 0; i < message.ids.length; ++i)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.ids[i]);
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.code);
            if (message.term != null && $Object.hasOwnProperty.call(message, "term") && (typeof message.term === "object" ? message.term.low || message.term.high : message.term !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.term);
            if (message.taken != null && $Object.hasOwnProperty.call(message, "taken") && (typeof message.taken === "object" ? message.taken.low || message.taken.high : message.taken !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.taken);
            if (message.refused != null && $Object.hasOwnProperty.call(message, "refused") && (typeof message.refused === "object" ? message.refused.low || message.refused.high : message.refused !== 0))
                writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.refused);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ForwardReply message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.ForwardReply
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.ForwardReply & isthmus.ForwardReply.$Shape} ForwardReply
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ForwardReply.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.ForwardReply();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if (!(message.ids && message.ids.length))
                            message.ids = [];
                        message.ids.push(reader.bytes());
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.term = value;
                        else
                            delete message.term;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.taken = value;
                        else
                            delete message.taken;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.refused = value;
                        else
                            delete message.refused;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ForwardReply;
    })();

    isthmus.ReportRequest = (function() {

        /**
         * Properties of a ReportRequest.
         * @typedef {Object} isthmus.ReportRequest.$Properties
         * @property {number|null} [number] ReportRequest number
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ReportRequest.
         * @memberof isthmus
         * @interface IReportRequest
         * @augments isthmus.ReportRequest.$Properties
         * @deprecated Use isthmus.ReportRequest.$Properties instead.
         */

        /**
         * Shape of a ReportRequest.
         * @typedef {isthmus.ReportRequest.$Properties} isthmus.ReportRequest.$Shape
         */

        /**
         * Constructs a new ReportRequest.
         * @memberof isthmus
         * @classdesc Represents a ReportRequest.
         * @constructor
         * @param {isthmus.ReportRequest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ReportRequest = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ReportRequest number.
         * @member {number} number
         * @memberof isthmus.ReportRequest
         * @instance
         */
        ReportRequest.prototype.number = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified ReportRequest message. Does not implicitly {@link isthmus.ReportRequest.verify|verify} messages.
         * @function encode
         * @memberof isthmus.ReportRequest
         * @static
         * @param {isthmus.ReportRequest.$Properties} message ReportRequest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ReportRequest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.number != null && $Object.hasOwnProperty.call(message, "number") && (typeof message.number === "object" ? message.number.low || message.number.high : message.number !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.number);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ReportRequest message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.ReportRequest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.ReportRequest & isthmus.ReportRequest.$Shape} ReportRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ReportRequest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.ReportRequest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.number = value;
                        else
                            delete message.number;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ReportRequest;
    })();

    isthmus.Report = (function() {

        /**
         * Properties of a Report.
         * @typedef {Object} isthmus.Report.$Properties
         * @property {number|null} [number] Report number
         * @property {Uint8Array|null} [json] Report json
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Report.
         * @memberof isthmus
         * @interface IReport
         * @augments isthmus.Report.$Properties
         * @deprecated Use isthmus.Report.$Properties instead.
         */

        /**
         * Shape of a Report.
         * @typedef {isthmus.Report.$Properties} isthmus.Report.$Shape
         */

        /**
         * Constructs a new Report.
         * @memberof isthmus
         * @classdesc Represents a Report.
         * @constructor
         * @param {isthmus.Report.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Report = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Report number.
         * @member {number} number
         * @memberof isthmus.Report
         * @instance
         */
        Report.prototype.number = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Report json.
         * @member {Uint8Array} json
         * @memberof isthmus.Report
         * @instance
         */
        Report.prototype.json = $util.newBuffer([]);

        /**
         * Encodes the specified Report message. Does not implicitly {@link isthmus.Report.verify|verify} messages.
         * @function encode
         * @memberof isthmus.Report
         * @static
         * @param {isthmus.Report.$Properties} message Report message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Report.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.number != null && $Object.hasOwnProperty.call(message, "number") && (typeof message.number === "object" ? message.number.low || message.number.high : message.number !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.number);
            if (message.json != null && $Object.hasOwnProperty.call(message, "json") && message.json.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.json);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Report message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.Report
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.Report & isthmus.Report.$Shape} Report
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Report.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.Report();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.number = value;
                        else
                            delete message.number;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.json = value;
                        else
                            delete message.json;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Report;
    })();

    isthmus.TakeLeadership = (function() {

        /**
         * Properties of a TakeLeadership.
         * @typedef {Object} isthmus.TakeLeadership.$Properties
         * @property {string|null} [group] TakeLeadership group
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a TakeLeadership.
         * @memberof isthmus
         * @interface ITakeLeadership
         * @augments isthmus.TakeLeadership.$Properties
         * @deprecated Use isthmus.TakeLeadership.$Properties instead.
         */

        /**
         * Shape of a TakeLeadership.
         * @typedef {isthmus.TakeLeadership.$Properties} isthmus.TakeLeadership.$Shape
         */

        /**
         * Constructs a new TakeLeadership.
         * @memberof isthmus
         * @classdesc Represents a TakeLeadership.
         * @constructor
         * @param {isthmus.TakeLeadership.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const TakeLeadership = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * TakeLeadership group.
         * @member {string} group
         * @memberof isthmus.TakeLeadership
         * @instance
         */
        TakeLeadership.prototype.group = "";

        /**
         * Encodes the specified TakeLeadership message. Does not implicitly {@link isthmus.TakeLeadership.verify|verify} messages.
         * @function encode
         * @memberof isthmus.TakeLeadership
         * @static
         * @param {isthmus.TakeLeadership.$Properties} message TakeLeadership message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        TakeLeadership.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a TakeLeadership message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.TakeLeadership
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.TakeLeadership & isthmus.TakeLeadership.$Shape} TakeLeadership
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        TakeLeadership.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.TakeLeadership();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return TakeLeadership;
    })();

    isthmus.Announce = (function() {

        /**
         * Properties of an Announce.
         * @typedef {Object} isthmus.Announce.$Properties
         * @property {string|null} [group] Announce group
         * @property {string|null} [origin] Announce origin
         * @property {number|null} [term] Announce term
         * @property {number|null} [sequence] Announce sequence
         * @property {Uint8Array|null} [hash] Announce hash
         * @property {boolean|null} [leader] Announce leader
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Announce.
         * @memberof isthmus
         * @interface IAnnounce
         * @augments isthmus.Announce.$Properties
         * @deprecated Use isthmus.Announce.$Properties instead.
         */

        /**
         * Shape of an Announce.
         * @typedef {isthmus.Announce.$Properties} isthmus.Announce.$Shape
         */

        /**
         * Constructs a new Announce.
         * @memberof isthmus
         * @classdesc Represents an Announce.
         * @constructor
         * @param {isthmus.Announce.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Announce = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Announce group.
         * @member {string} group
         * @memberof isthmus.Announce
         * @instance
         */
        Announce.prototype.group = "";

        /**
         * Announce origin.
         * @member {string} origin
         * @memberof isthmus.Announce
         * @instance
         */
        Announce.prototype.origin = "";

        /**
         * Announce term.
         * @member {number} term
         * @memberof isthmus.Announce
         * @instance
         */
        Announce.prototype.term = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Announce sequence.
         * @member {number} sequence
         * @memberof isthmus.Announce
         * @instance
         */
        Announce.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Announce hash.
         * @member {Uint8Array} hash
         * @memberof isthmus.Announce
         * @instance
         */
        Announce.prototype.hash = $util.newBuffer([]);

        /**
         * Announce leader.
         * @member {boolean} leader
         * @memberof isthmus.Announce
         * @instance
         */
        Announce.prototype.leader = false;

        /**
         * Encodes the specified Announce message. Does not implicitly {@link isthmus.Announce.verify|verify} messages.
         * @function encode
         * @memberof isthmus.Announce
         * @static
         * @param {isthmus.Announce.$Properties} message Announce message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Announce.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.origin);
            if (message.term != null && $Object.hasOwnProperty.call(message, "term") && (typeof message.term === "object" ? message.term.low || message.term.high : message.term !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.term);
            if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.sequence);
            if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.hash);
            if (message.leader != null && $Object.hasOwnProperty.call(message, "leader") && message.leader !== false)
                writer.uint32(/* id 6, wireType 0 =*/48).bool(message.leader);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Announce message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.Announce
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.Announce & isthmus.Announce.$Shape} Announce
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Announce.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.Announce();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.origin = value;
                        else
                            delete message.origin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.term = value;
                        else
                            delete message.term;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.sequence = value;
                        else
                            delete message.sequence;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hash = value;
                        else
                            delete message.hash;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.leader = value;
                        else
                            delete message.leader;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Announce;
    })();

    isthmus.Subscribe = (function() {

        /**
         * Properties of a Subscribe.
         * @typedef {Object} isthmus.Subscribe.$Properties
         * @property {string|null} [group] Subscribe group
         * @property {string|null} [origin] Subscribe origin
         * @property {number|null} [stream] Subscribe stream
         * @property {number|null} [after] Subscribe after
         * @property {Uint8Array|null} [hash] Subscribe hash
         * @property {number|null} [creditBytes] Subscribe creditBytes
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Subscribe.
         * @memberof isthmus
         * @interface ISubscribe
         * @augments isthmus.Subscribe.$Properties
         * @deprecated Use isthmus.Subscribe.$Properties instead.
         */

        /**
         * Shape of a Subscribe.
         * @typedef {isthmus.Subscribe.$Properties} isthmus.Subscribe.$Shape
         */

        /**
         * Constructs a new Subscribe.
         * @memberof isthmus
         * @classdesc Represents a Subscribe.
         * @constructor
         * @param {isthmus.Subscribe.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Subscribe = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Subscribe group.
         * @member {string} group
         * @memberof isthmus.Subscribe
         * @instance
         */
        Subscribe.prototype.group = "";

        /**
         * Subscribe origin.
         * @member {string} origin
         * @memberof isthmus.Subscribe
         * @instance
         */
        Subscribe.prototype.origin = "";

        /**
         * Subscribe stream.
         * @member {number} stream
         * @memberof isthmus.Subscribe
         * @instance
         */
        Subscribe.prototype.stream = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Subscribe after.
         * @member {number} after
         * @memberof isthmus.Subscribe
         * @instance
         */
        Subscribe.prototype.after = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Subscribe hash.
         * @member {Uint8Array} hash
         * @memberof isthmus.Subscribe
         * @instance
         */
        Subscribe.prototype.hash = $util.newBuffer([]);

        /**
         * Subscribe creditBytes.
         * @member {number} creditBytes
         * @memberof isthmus.Subscribe
         * @instance
         */
        Subscribe.prototype.creditBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified Subscribe message. Does not implicitly {@link isthmus.Subscribe.verify|verify} messages.
         * @function encode
         * @memberof isthmus.Subscribe
         * @static
         * @param {isthmus.Subscribe.$Properties} message Subscribe message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Subscribe.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.origin);
            if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && (typeof message.stream === "object" ? message.stream.low || message.stream.high : message.stream !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.stream);
            if (message.after != null && $Object.hasOwnProperty.call(message, "after") && (typeof message.after === "object" ? message.after.low || message.after.high : message.after !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.after);
            if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.hash);
            if (message.creditBytes != null && $Object.hasOwnProperty.call(message, "creditBytes") && (typeof message.creditBytes === "object" ? message.creditBytes.low || message.creditBytes.high : message.creditBytes !== 0))
                writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.creditBytes);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Subscribe message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.Subscribe
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.Subscribe & isthmus.Subscribe.$Shape} Subscribe
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Subscribe.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.Subscribe();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.origin = value;
                        else
                            delete message.origin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.stream = value;
                        else
                            delete message.stream;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.after = value;
                        else
                            delete message.after;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hash = value;
                        else
                            delete message.hash;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.creditBytes = value;
                        else
                            delete message.creditBytes;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Subscribe;
    })();

    isthmus.StreamBatch = (function() {

        /**
         * Properties of a StreamBatch.
         * @typedef {Object} isthmus.StreamBatch.$Properties
         * @property {number|null} [stream] StreamBatch stream
         * @property {isthmus.Batch.$Properties|null} [batch] StreamBatch batch
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StreamBatch.
         * @memberof isthmus
         * @interface IStreamBatch
         * @augments isthmus.StreamBatch.$Properties
         * @deprecated Use isthmus.StreamBatch.$Properties instead.
         */

        /**
         * Shape of a StreamBatch.
         * @typedef {isthmus.StreamBatch.$Properties} isthmus.StreamBatch.$Shape
         */

        /**
         * Constructs a new StreamBatch.
         * @memberof isthmus
         * @classdesc Represents a StreamBatch.
         * @constructor
         * @param {isthmus.StreamBatch.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StreamBatch = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StreamBatch stream.
         * @member {number} stream
         * @memberof isthmus.StreamBatch
         * @instance
         */
        StreamBatch.prototype.stream = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * StreamBatch batch.
         * @member {isthmus.Batch.$Properties|null|undefined} batch
         * @memberof isthmus.StreamBatch
         * @instance
         */
        StreamBatch.prototype.batch = null;

        /**
         * Encodes the specified StreamBatch message. Does not implicitly {@link isthmus.StreamBatch.verify|verify} messages.
         * @function encode
         * @memberof isthmus.StreamBatch
         * @static
         * @param {isthmus.StreamBatch.$Properties} message StreamBatch message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StreamBatch.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && (typeof message.stream === "object" ? message.stream.low || message.stream.high : message.stream !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.stream);
            if (message.batch != null && $Object.hasOwnProperty.call(message, "batch"))
                $root.isthmus.Batch.encode(message.batch, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StreamBatch message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.StreamBatch
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.StreamBatch & isthmus.StreamBatch.$Shape} StreamBatch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StreamBatch.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.StreamBatch();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.stream = value;
                        else
                            delete message.stream;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.batch = $root.isthmus.Batch.decode(reader, reader.size(), $undefined, _depth + 1, message.batch);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return StreamBatch;
    })();

    isthmus.Acknowledge = (function() {

        /**
         * Properties of an Acknowledge.
         * @typedef {Object} isthmus.Acknowledge.$Properties
         * @property {string|null} [group] Acknowledge group
         * @property {string|null} [origin] Acknowledge origin
         * @property {number|null} [stream] Acknowledge stream
         * @property {number|null} [sequence] Acknowledge sequence
         * @property {Uint8Array|null} [hash] Acknowledge hash
         * @property {number|null} [creditBytes] Acknowledge creditBytes
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Acknowledge.
         * @memberof isthmus
         * @interface IAcknowledge
         * @augments isthmus.Acknowledge.$Properties
         * @deprecated Use isthmus.Acknowledge.$Properties instead.
         */

        /**
         * Shape of an Acknowledge.
         * @typedef {isthmus.Acknowledge.$Properties} isthmus.Acknowledge.$Shape
         */

        /**
         * Constructs a new Acknowledge.
         * @memberof isthmus
         * @classdesc Represents an Acknowledge.
         * @constructor
         * @param {isthmus.Acknowledge.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Acknowledge = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Acknowledge group.
         * @member {string} group
         * @memberof isthmus.Acknowledge
         * @instance
         */
        Acknowledge.prototype.group = "";

        /**
         * Acknowledge origin.
         * @member {string} origin
         * @memberof isthmus.Acknowledge
         * @instance
         */
        Acknowledge.prototype.origin = "";

        /**
         * Acknowledge stream.
         * @member {number} stream
         * @memberof isthmus.Acknowledge
         * @instance
         */
        Acknowledge.prototype.stream = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Acknowledge sequence.
         * @member {number} sequence
         * @memberof isthmus.Acknowledge
         * @instance
         */
        Acknowledge.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Acknowledge hash.
         * @member {Uint8Array} hash
         * @memberof isthmus.Acknowledge
         * @instance
         */
        Acknowledge.prototype.hash = $util.newBuffer([]);

        /**
         * Acknowledge creditBytes.
         * @member {number} creditBytes
         * @memberof isthmus.Acknowledge
         * @instance
         */
        Acknowledge.prototype.creditBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified Acknowledge message. Does not implicitly {@link isthmus.Acknowledge.verify|verify} messages.
         * @function encode
         * @memberof isthmus.Acknowledge
         * @static
         * @param {isthmus.Acknowledge.$Properties} message Acknowledge message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Acknowledge.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.origin);
            if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && (typeof message.stream === "object" ? message.stream.low || message.stream.high : message.stream !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.stream);
            if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.sequence);
            if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.hash);
            if (message.creditBytes != null && $Object.hasOwnProperty.call(message, "creditBytes") && (typeof message.creditBytes === "object" ? message.creditBytes.low || message.creditBytes.high : message.creditBytes !== 0))
                writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.creditBytes);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Acknowledge message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.Acknowledge
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.Acknowledge & isthmus.Acknowledge.$Shape} Acknowledge
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Acknowledge.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.Acknowledge();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.origin = value;
                        else
                            delete message.origin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.stream = value;
                        else
                            delete message.stream;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.sequence = value;
                        else
                            delete message.sequence;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hash = value;
                        else
                            delete message.hash;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.creditBytes = value;
                        else
                            delete message.creditBytes;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Acknowledge;
    })();

    isthmus.StreamEnd = (function() {

        /**
         * Properties of a StreamEnd.
         * @typedef {Object} isthmus.StreamEnd.$Properties
         * @property {string|null} [group] StreamEnd group
         * @property {string|null} [origin] StreamEnd origin
         * @property {number|null} [stream] StreamEnd stream
         * @property {string|null} [reason] StreamEnd reason
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StreamEnd.
         * @memberof isthmus
         * @interface IStreamEnd
         * @augments isthmus.StreamEnd.$Properties
         * @deprecated Use isthmus.StreamEnd.$Properties instead.
         */

        /**
         * Shape of a StreamEnd.
         * @typedef {isthmus.StreamEnd.$Properties} isthmus.StreamEnd.$Shape
         */

        /**
         * Constructs a new StreamEnd.
         * @memberof isthmus
         * @classdesc Represents a StreamEnd.
         * @constructor
         * @param {isthmus.StreamEnd.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StreamEnd = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StreamEnd group.
         * @member {string} group
         * @memberof isthmus.StreamEnd
         * @instance
         */
        StreamEnd.prototype.group = "";

        /**
         * StreamEnd origin.
         * @member {string} origin
         * @memberof isthmus.StreamEnd
         * @instance
         */
        StreamEnd.prototype.origin = "";

        /**
         * StreamEnd stream.
         * @member {number} stream
         * @memberof isthmus.StreamEnd
         * @instance
         */
        StreamEnd.prototype.stream = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * StreamEnd reason.
         * @member {string} reason
         * @memberof isthmus.StreamEnd
         * @instance
         */
        StreamEnd.prototype.reason = "";

        /**
         * Encodes the specified StreamEnd message. Does not implicitly {@link isthmus.StreamEnd.verify|verify} messages.
         * @function encode
         * @memberof isthmus.StreamEnd
         * @static
         * @param {isthmus.StreamEnd.$Properties} message StreamEnd message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StreamEnd.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.group != null && $Object.hasOwnProperty.call(message, "group") && message.group !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.group);
            if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.origin);
            if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && (typeof message.stream === "object" ? message.stream.low || message.stream.high : message.stream !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.stream);
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.reason);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StreamEnd message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.StreamEnd
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.StreamEnd & isthmus.StreamEnd.$Shape} StreamEnd
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StreamEnd.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.StreamEnd();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.group = value;
                        else
                            delete message.group;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.origin = value;
                        else
                            delete message.origin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.stream = value;
                        else
                            delete message.stream;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return StreamEnd;
    })();

    isthmus.ControlCommand = (function() {

        /**
         * Properties of a ControlCommand.
         * @typedef {Object} isthmus.ControlCommand.$Properties
         * @property {Uint8Array|null} [id] ControlCommand id
         * @property {isthmus.SetLink.$Properties|null} [setLink] ControlCommand setLink
         * @property {isthmus.AddNode.$Properties|null} [addNode] ControlCommand addNode
         * @property {isthmus.RemoveNode.$Properties|null} [removeNode] ControlCommand removeNode
         * @property {isthmus.DrainNode.$Properties|null} [drainNode] ControlCommand drainNode
         * @property {isthmus.IdentifyNode.$Properties|null} [identifyNode] ControlCommand identifyNode
         * @property {"setLink"|"addNode"|"removeNode"|"drainNode"|"identifyNode"} [change] ControlCommand change
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ControlCommand.
         * @memberof isthmus
         * @interface IControlCommand
         * @augments isthmus.ControlCommand.$Properties
         * @deprecated Use isthmus.ControlCommand.$Properties instead.
         */

        /**
         * Narrowed shape of a ControlCommand.
         * @typedef {{
         *   id?: Uint8Array|null;
         *   setLink?: isthmus.SetLink.$Shape|null;
         *   addNode?: isthmus.AddNode.$Shape|null;
         *   removeNode?: isthmus.RemoveNode.$Shape|null;
         *   drainNode?: isthmus.DrainNode.$Shape|null;
         *   identifyNode?: isthmus.IdentifyNode.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ change?: undefined; setLink?: null; addNode?: null; removeNode?: null; drainNode?: null; identifyNode?: null }|{ change?: "setLink"; setLink: isthmus.SetLink.$Shape; addNode?: null; removeNode?: null; drainNode?: null; identifyNode?: null }|{ change?: "addNode"; setLink?: null; addNode: isthmus.AddNode.$Shape; removeNode?: null; drainNode?: null; identifyNode?: null }|{ change?: "removeNode"; setLink?: null; addNode?: null; removeNode: isthmus.RemoveNode.$Shape; drainNode?: null; identifyNode?: null }|{ change?: "drainNode"; setLink?: null; addNode?: null; removeNode?: null; drainNode: isthmus.DrainNode.$Shape; identifyNode?: null }|{ change?: "identifyNode"; setLink?: null; addNode?: null; removeNode?: null; drainNode?: null; identifyNode: isthmus.IdentifyNode.$Shape })
         * )} isthmus.ControlCommand.$Shape
         */

        /**
         * Constructs a new ControlCommand.
         * @memberof isthmus
         * @classdesc Represents a ControlCommand.
         * @constructor
         * @param {isthmus.ControlCommand.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ControlCommand = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ControlCommand id.
         * @member {Uint8Array} id
         * @memberof isthmus.ControlCommand
         * @instance
         */
        ControlCommand.prototype.id = $util.newBuffer([]);

        /**
         * ControlCommand setLink.
         * @member {isthmus.SetLink.$Properties|null|undefined} setLink
         * @memberof isthmus.ControlCommand
         * @instance
         */
        ControlCommand.prototype.setLink = null;

        /**
         * ControlCommand addNode.
         * @member {isthmus.AddNode.$Properties|null|undefined} addNode
         * @memberof isthmus.ControlCommand
         * @instance
         */
        ControlCommand.prototype.addNode = null;

        /**
         * ControlCommand removeNode.
         * @member {isthmus.RemoveNode.$Properties|null|undefined} removeNode
         * @memberof isthmus.ControlCommand
         * @instance
         */
        ControlCommand.prototype.removeNode = null;

        /**
         * ControlCommand drainNode.
         * @member {isthmus.DrainNode.$Properties|null|undefined} drainNode
         * @memberof isthmus.ControlCommand
         * @instance
         */
        ControlCommand.prototype.drainNode = null;

        /**
         * ControlCommand identifyNode.
         * @member {isthmus.IdentifyNode.$Properties|null|undefined} identifyNode
         * @memberof isthmus.ControlCommand
         * @instance
         */
        ControlCommand.prototype.identifyNode = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * ControlCommand change.
         * @member {"setLink"|"addNode"|"removeNode"|"drainNode"|"identifyNode"|undefined} change
         * @memberof isthmus.ControlCommand
         * @instance
         */
        $Object.defineProperty(ControlCommand.prototype, "change", {
            get: $util.oneOfGetter($oneOfFields = ["setLink", "addNode", "removeNode", "drainNode", "identifyNode"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified ControlCommand message. Does not implicitly {@link isthmus.ControlCommand.verify|verify} messages.
         * @function encode
         * @memberof isthmus.ControlCommand
         * @static
         * @param {isthmus.ControlCommand.$Properties} message ControlCommand message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ControlCommand.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.id);
            if (message.setLink != null && $Object.hasOwnProperty.call(message, "setLink"))
                $root.isthmus.SetLink.encode(message.setLink, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.addNode != null && $Object.hasOwnProperty.call(message, "addNode"))
                $root.isthmus.AddNode.encode(message.addNode, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.removeNode != null && $Object.hasOwnProperty.call(message, "removeNode"))
                $root.isthmus.RemoveNode.encode(message.removeNode, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.drainNode != null && $Object.hasOwnProperty.call(message, "drainNode"))
                $root.isthmus.DrainNode.encode(message.drainNode, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.identifyNode != null && $Object.hasOwnProperty.call(message, "identifyNode"))
                $root.isthmus.IdentifyNode.encode(message.identifyNode, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ControlCommand message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.ControlCommand
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.ControlCommand & isthmus.ControlCommand.$Shape} ControlCommand
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ControlCommand.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.ControlCommand();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.id = value;
                        else
                            delete message.id;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.setLink = $root.isthmus.SetLink.decode(reader, reader.size(), $undefined, _depth + 1, message.setLink);
                        message.change = "setLink";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.addNode = $root.isthmus.AddNode.decode(reader, reader.size(), $undefined, _depth + 1, message.addNode);
                        message.change = "addNode";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.removeNode = $root.isthmus.RemoveNode.decode(reader, reader.size(), $undefined, _depth + 1, message.removeNode);
                        message.change = "removeNode";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.drainNode = $root.isthmus.DrainNode.decode(reader, reader.size(), $undefined, _depth + 1, message.drainNode);
                        message.change = "drainNode";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.identifyNode = $root.isthmus.IdentifyNode.decode(reader, reader.size(), $undefined, _depth + 1, message.identifyNode);
                        message.change = "identifyNode";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ControlCommand;
    })();

    isthmus.SetLink = (function() {

        /**
         * Properties of a SetLink.
         * @typedef {Object} isthmus.SetLink.$Properties
         * @property {string|null} [from] SetLink from
         * @property {string|null} [to] SetLink to
         * @property {boolean|null} [paused] SetLink paused
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SetLink.
         * @memberof isthmus
         * @interface ISetLink
         * @augments isthmus.SetLink.$Properties
         * @deprecated Use isthmus.SetLink.$Properties instead.
         */

        /**
         * Shape of a SetLink.
         * @typedef {isthmus.SetLink.$Properties} isthmus.SetLink.$Shape
         */

        /**
         * Constructs a new SetLink.
         * @memberof isthmus
         * @classdesc Represents a SetLink.
         * @constructor
         * @param {isthmus.SetLink.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SetLink = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SetLink from.
         * @member {string} from
         * @memberof isthmus.SetLink
         * @instance
         */
        SetLink.prototype.from = "";

        /**
         * SetLink to.
         * @member {string} to
         * @memberof isthmus.SetLink
         * @instance
         */
        SetLink.prototype.to = "";

        /**
         * SetLink paused.
         * @member {boolean} paused
         * @memberof isthmus.SetLink
         * @instance
         */
        SetLink.prototype.paused = false;

        /**
         * Encodes the specified SetLink message. Does not implicitly {@link isthmus.SetLink.verify|verify} messages.
         * @function encode
         * @memberof isthmus.SetLink
         * @static
         * @param {isthmus.SetLink.$Properties} message SetLink message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SetLink.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.from != null && $Object.hasOwnProperty.call(message, "from") && message.from !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.from);
            if (message.to != null && $Object.hasOwnProperty.call(message, "to") && message.to !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.to);
            if (message.paused != null && $Object.hasOwnProperty.call(message, "paused") && message.paused !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.paused);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SetLink message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.SetLink
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.SetLink & isthmus.SetLink.$Shape} SetLink
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SetLink.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.SetLink();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.from = value;
                        else
                            delete message.from;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.to = value;
                        else
                            delete message.to;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.paused = value;
                        else
                            delete message.paused;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SetLink;
    })();

    isthmus.AddNode = (function() {

        /**
         * Properties of an AddNode.
         * @typedef {Object} isthmus.AddNode.$Properties
         * @property {string|null} [region] AddNode region
         * @property {string|null} [node] AddNode node
         * @property {string|null} [api] AddNode api
         * @property {string|null} [cluster] AddNode cluster
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an AddNode.
         * @memberof isthmus
         * @interface IAddNode
         * @augments isthmus.AddNode.$Properties
         * @deprecated Use isthmus.AddNode.$Properties instead.
         */

        /**
         * Shape of an AddNode.
         * @typedef {isthmus.AddNode.$Properties} isthmus.AddNode.$Shape
         */

        /**
         * Constructs a new AddNode.
         * @memberof isthmus
         * @classdesc Represents an AddNode.
         * @constructor
         * @param {isthmus.AddNode.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const AddNode = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * AddNode region.
         * @member {string} region
         * @memberof isthmus.AddNode
         * @instance
         */
        AddNode.prototype.region = "";

        /**
         * AddNode node.
         * @member {string} node
         * @memberof isthmus.AddNode
         * @instance
         */
        AddNode.prototype.node = "";

        /**
         * AddNode api.
         * @member {string} api
         * @memberof isthmus.AddNode
         * @instance
         */
        AddNode.prototype.api = "";

        /**
         * AddNode cluster.
         * @member {string} cluster
         * @memberof isthmus.AddNode
         * @instance
         */
        AddNode.prototype.cluster = "";

        /**
         * Encodes the specified AddNode message. Does not implicitly {@link isthmus.AddNode.verify|verify} messages.
         * @function encode
         * @memberof isthmus.AddNode
         * @static
         * @param {isthmus.AddNode.$Properties} message AddNode message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        AddNode.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.region != null && $Object.hasOwnProperty.call(message, "region") && message.region !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.region);
            if (message.node != null && $Object.hasOwnProperty.call(message, "node") && message.node !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.node);
            if (message.api != null && $Object.hasOwnProperty.call(message, "api") && message.api !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.api);
            if (message.cluster != null && $Object.hasOwnProperty.call(message, "cluster") && message.cluster !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.cluster);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an AddNode message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.AddNode
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.AddNode & isthmus.AddNode.$Shape} AddNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        AddNode.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.AddNode();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.region = value;
                        else
                            delete message.region;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.node = value;
                        else
                            delete message.node;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.api = value;
                        else
                            delete message.api;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.cluster = value;
                        else
                            delete message.cluster;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return AddNode;
    })();

    isthmus.RemoveNode = (function() {

        /**
         * Properties of a RemoveNode.
         * @typedef {Object} isthmus.RemoveNode.$Properties
         * @property {string|null} [node] RemoveNode node
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RemoveNode.
         * @memberof isthmus
         * @interface IRemoveNode
         * @augments isthmus.RemoveNode.$Properties
         * @deprecated Use isthmus.RemoveNode.$Properties instead.
         */

        /**
         * Shape of a RemoveNode.
         * @typedef {isthmus.RemoveNode.$Properties} isthmus.RemoveNode.$Shape
         */

        /**
         * Constructs a new RemoveNode.
         * @memberof isthmus
         * @classdesc Represents a RemoveNode.
         * @constructor
         * @param {isthmus.RemoveNode.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RemoveNode = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RemoveNode node.
         * @member {string} node
         * @memberof isthmus.RemoveNode
         * @instance
         */
        RemoveNode.prototype.node = "";

        /**
         * Encodes the specified RemoveNode message. Does not implicitly {@link isthmus.RemoveNode.verify|verify} messages.
         * @function encode
         * @memberof isthmus.RemoveNode
         * @static
         * @param {isthmus.RemoveNode.$Properties} message RemoveNode message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RemoveNode.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.node != null && $Object.hasOwnProperty.call(message, "node") && message.node !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.node);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RemoveNode message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.RemoveNode
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.RemoveNode & isthmus.RemoveNode.$Shape} RemoveNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RemoveNode.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.RemoveNode();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.node = value;
                        else
                            delete message.node;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RemoveNode;
    })();

    isthmus.DrainNode = (function() {

        /**
         * Properties of a DrainNode.
         * @typedef {Object} isthmus.DrainNode.$Properties
         * @property {string|null} [node] DrainNode node
         * @property {boolean|null} [draining] DrainNode draining
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a DrainNode.
         * @memberof isthmus
         * @interface IDrainNode
         * @augments isthmus.DrainNode.$Properties
         * @deprecated Use isthmus.DrainNode.$Properties instead.
         */

        /**
         * Shape of a DrainNode.
         * @typedef {isthmus.DrainNode.$Properties} isthmus.DrainNode.$Shape
         */

        /**
         * Constructs a new DrainNode.
         * @memberof isthmus
         * @classdesc Represents a DrainNode.
         * @constructor
         * @param {isthmus.DrainNode.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const DrainNode = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * DrainNode node.
         * @member {string} node
         * @memberof isthmus.DrainNode
         * @instance
         */
        DrainNode.prototype.node = "";

        /**
         * DrainNode draining.
         * @member {boolean} draining
         * @memberof isthmus.DrainNode
         * @instance
         */
        DrainNode.prototype.draining = false;

        /**
         * Encodes the specified DrainNode message. Does not implicitly {@link isthmus.DrainNode.verify|verify} messages.
         * @function encode
         * @memberof isthmus.DrainNode
         * @static
         * @param {isthmus.DrainNode.$Properties} message DrainNode message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        DrainNode.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.node != null && $Object.hasOwnProperty.call(message, "node") && message.node !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.node);
            if (message.draining != null && $Object.hasOwnProperty.call(message, "draining") && message.draining !== false)
                writer.uint32(/* id 2, wireType 0 =*/16).bool(message.draining);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a DrainNode message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.DrainNode
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.DrainNode & isthmus.DrainNode.$Shape} DrainNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        DrainNode.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.DrainNode();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.node = value;
                        else
                            delete message.node;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.draining = value;
                        else
                            delete message.draining;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return DrainNode;
    })();

    isthmus.IdentifyNode = (function() {

        /**
         * Properties of an IdentifyNode.
         * @typedef {Object} isthmus.IdentifyNode.$Properties
         * @property {string|null} [node] IdentifyNode node
         * @property {Uint8Array|null} [dataId] IdentifyNode dataId
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an IdentifyNode.
         * @memberof isthmus
         * @interface IIdentifyNode
         * @augments isthmus.IdentifyNode.$Properties
         * @deprecated Use isthmus.IdentifyNode.$Properties instead.
         */

        /**
         * Shape of an IdentifyNode.
         * @typedef {isthmus.IdentifyNode.$Properties} isthmus.IdentifyNode.$Shape
         */

        /**
         * Constructs a new IdentifyNode.
         * @memberof isthmus
         * @classdesc Represents an IdentifyNode.
         * @constructor
         * @param {isthmus.IdentifyNode.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const IdentifyNode = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * IdentifyNode node.
         * @member {string} node
         * @memberof isthmus.IdentifyNode
         * @instance
         */
        IdentifyNode.prototype.node = "";

        /**
         * IdentifyNode dataId.
         * @member {Uint8Array} dataId
         * @memberof isthmus.IdentifyNode
         * @instance
         */
        IdentifyNode.prototype.dataId = $util.newBuffer([]);

        /**
         * Encodes the specified IdentifyNode message. Does not implicitly {@link isthmus.IdentifyNode.verify|verify} messages.
         * @function encode
         * @memberof isthmus.IdentifyNode
         * @static
         * @param {isthmus.IdentifyNode.$Properties} message IdentifyNode message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        IdentifyNode.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.node != null && $Object.hasOwnProperty.call(message, "node") && message.node !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.node);
            if (message.dataId != null && $Object.hasOwnProperty.call(message, "dataId") && message.dataId.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.dataId);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an IdentifyNode message from the specified reader or buffer.
         * @function decode
         * @memberof isthmus.IdentifyNode
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {isthmus.IdentifyNode & isthmus.IdentifyNode.$Shape} IdentifyNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        IdentifyNode.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.isthmus.IdentifyNode();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.node = value;
                        else
                            delete message.node;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.dataId = value;
                        else
                            delete message.dataId;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return IdentifyNode;
    })();

    return isthmus;
})();

export {
  $root as default
};
