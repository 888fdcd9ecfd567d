import * as $protobuf from "protobufjs";

/** Namespace isthmus. */
export namespace isthmus {

    /**
     * Properties of a RaftEntry.
     * @deprecated Use isthmus.RaftEntry.$Properties instead.
     */
    interface IRaftEntry extends isthmus.RaftEntry.$Properties {
    }

    /** Represents a RaftEntry. */
    class RaftEntry {

        /**
         * Constructs a new RaftEntry.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.RaftEntry.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RaftEntry term. */
        term: number;

        /** RaftEntry index. */
        index: number;

        /** RaftEntry type. */
        type: number;

        /** RaftEntry data. */
        data?: (Uint8Array|null);

        /**
         * Encodes the specified RaftEntry message. Does not implicitly {@link isthmus.RaftEntry.verify|verify} messages.
         * @param message RaftEntry message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.RaftEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RaftEntry message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.RaftEntry & isthmus.RaftEntry.$Shape} RaftEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.RaftEntry & isthmus.RaftEntry.$Shape;
    }

    namespace RaftEntry {

        /** Properties of a RaftEntry. */
        interface $Properties {

            /** RaftEntry term */
            term?: (number|null);

            /** RaftEntry index */
            index?: (number|null);

            /** RaftEntry type */
            type?: (number|null);

            /** RaftEntry data */
            data?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RaftEntry. */
        type $Shape = isthmus.RaftEntry.$Properties;
    }

    /**
     * Properties of a RaftConfState.
     * @deprecated Use isthmus.RaftConfState.$Properties instead.
     */
    interface IRaftConfState extends isthmus.RaftConfState.$Properties {
    }

    /** Represents a RaftConfState. */
    class RaftConfState {

        /**
         * Constructs a new RaftConfState.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.RaftConfState.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RaftConfState voters. */
        voters: number[];

        /** RaftConfState outgoing. */
        outgoing: number[];

        /** RaftConfState learners. */
        learners: number[];

        /** RaftConfState learnersNext. */
        learnersNext: number[];

        /** RaftConfState autoLeave. */
        autoLeave: boolean;

        /** RaftConfState index. */
        index: number;

        /**
         * Encodes the specified RaftConfState message. Does not implicitly {@link isthmus.RaftConfState.verify|verify} messages.
         * @param message RaftConfState message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.RaftConfState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RaftConfState message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.RaftConfState & isthmus.RaftConfState.$Shape} RaftConfState
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.RaftConfState & isthmus.RaftConfState.$Shape;
    }

    namespace RaftConfState {

        /** Properties of a RaftConfState. */
        interface $Properties {

            /** RaftConfState voters */
            voters?: (number[]|null);

            /** RaftConfState outgoing */
            outgoing?: (number[]|null);

            /** RaftConfState learners */
            learners?: (number[]|null);

            /** RaftConfState learnersNext */
            learnersNext?: (number[]|null);

            /** RaftConfState autoLeave */
            autoLeave?: (boolean|null);

            /** RaftConfState index */
            index?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RaftConfState. */
        type $Shape = isthmus.RaftConfState.$Properties;
    }

    /**
     * Properties of a RaftSnapshot.
     * @deprecated Use isthmus.RaftSnapshot.$Properties instead.
     */
    interface IRaftSnapshot extends isthmus.RaftSnapshot.$Properties {
    }

    /** Represents a RaftSnapshot. */
    class RaftSnapshot {

        /**
         * Constructs a new RaftSnapshot.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.RaftSnapshot.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RaftSnapshot index. */
        index: number;

        /** RaftSnapshot term. */
        term: number;

        /** RaftSnapshot conf. */
        conf?: (isthmus.RaftConfState.$Properties|null);

        /** RaftSnapshot data. */
        data?: (Uint8Array|null);

        /**
         * Encodes the specified RaftSnapshot message. Does not implicitly {@link isthmus.RaftSnapshot.verify|verify} messages.
         * @param message RaftSnapshot message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.RaftSnapshot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RaftSnapshot message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.RaftSnapshot & isthmus.RaftSnapshot.$Shape} RaftSnapshot
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.RaftSnapshot & isthmus.RaftSnapshot.$Shape;
    }

    namespace RaftSnapshot {

        /** Properties of a RaftSnapshot. */
        interface $Properties {

            /** RaftSnapshot index */
            index?: (number|null);

            /** RaftSnapshot term */
            term?: (number|null);

            /** RaftSnapshot conf */
            conf?: (isthmus.RaftConfState.$Properties|null);

            /** RaftSnapshot data */
            data?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RaftSnapshot. */
        type $Shape = isthmus.RaftSnapshot.$Properties;
    }

    /**
     * Properties of a RaftMessage.
     * @deprecated Use isthmus.RaftMessage.$Properties instead.
     */
    interface IRaftMessage extends isthmus.RaftMessage.$Properties {
    }

    /** Represents a RaftMessage. */
    class RaftMessage {

        /**
         * Constructs a new RaftMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.RaftMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RaftMessage type. */
        type: number;

        /** RaftMessage to. */
        to: number;

        /** RaftMessage from. */
        from: number;

        /** RaftMessage term. */
        term: number;

        /** RaftMessage logTerm. */
        logTerm: number;

        /** RaftMessage index. */
        index: number;

        /** RaftMessage commit. */
        commit: number;

        /** RaftMessage vote. */
        vote: number;

        /** RaftMessage entries. */
        entries: isthmus.RaftEntry.$Properties[];

        /** RaftMessage snapshot. */
        snapshot?: (isthmus.RaftSnapshot.$Properties|null);

        /** RaftMessage reject. */
        reject: boolean;

        /** RaftMessage rejectHint. */
        rejectHint: number;

        /** RaftMessage context. */
        context?: (Uint8Array|null);

        /**
         * Encodes the specified RaftMessage message. Does not implicitly {@link isthmus.RaftMessage.verify|verify} messages.
         * @param message RaftMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.RaftMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RaftMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.RaftMessage & isthmus.RaftMessage.$Shape} RaftMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.RaftMessage & isthmus.RaftMessage.$Shape;
    }

    namespace RaftMessage {

        /** Properties of a RaftMessage. */
        interface $Properties {

            /** RaftMessage type */
            type?: (number|null);

            /** RaftMessage to */
            to?: (number|null);

            /** RaftMessage from */
            from?: (number|null);

            /** RaftMessage term */
            term?: (number|null);

            /** RaftMessage logTerm */
            logTerm?: (number|null);

            /** RaftMessage index */
            index?: (number|null);

            /** RaftMessage commit */
            commit?: (number|null);

            /** RaftMessage vote */
            vote?: (number|null);

            /** RaftMessage entries */
            entries?: (isthmus.RaftEntry.$Properties[]|null);

            /** RaftMessage snapshot */
            snapshot?: (isthmus.RaftSnapshot.$Properties|null);

            /** RaftMessage reject */
            reject?: (boolean|null);

            /** RaftMessage rejectHint */
            rejectHint?: (number|null);

            /** RaftMessage context */
            context?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RaftMessage. */
        type $Shape = isthmus.RaftMessage.$Properties;
    }

    /**
     * Properties of a RaftPacket.
     * @deprecated Use isthmus.RaftPacket.$Properties instead.
     */
    interface IRaftPacket extends isthmus.RaftPacket.$Properties {
    }

    /** Represents a RaftPacket. */
    class RaftPacket {

        /**
         * Constructs a new RaftPacket.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.RaftPacket.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RaftPacket group. */
        group: string;

        /** RaftPacket messages. */
        messages: isthmus.RaftMessage.$Properties[];

        /**
         * Encodes the specified RaftPacket message. Does not implicitly {@link isthmus.RaftPacket.verify|verify} messages.
         * @param message RaftPacket message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.RaftPacket.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RaftPacket message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.RaftPacket & isthmus.RaftPacket.$Shape} RaftPacket
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.RaftPacket & isthmus.RaftPacket.$Shape;
    }

    namespace RaftPacket {

        /** Properties of a RaftPacket. */
        interface $Properties {

            /** RaftPacket group */
            group?: (string|null);

            /** RaftPacket messages */
            messages?: (isthmus.RaftMessage.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RaftPacket. */
        type $Shape = isthmus.RaftPacket.$Properties;
    }

    /**
     * Properties of a LocalEntry.
     * @deprecated Use isthmus.LocalEntry.$Properties instead.
     */
    interface ILocalEntry extends isthmus.LocalEntry.$Properties {
    }

    /** Represents a LocalEntry. */
    class LocalEntry {

        /**
         * Constructs a new LocalEntry.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.LocalEntry.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** LocalEntry epoch. */
        epoch: number;

        /** LocalEntry wallMs. */
        wallMs: number;

        /** LocalEntry requests. */
        requests: Uint8Array;

        /**
         * Encodes the specified LocalEntry message. Does not implicitly {@link isthmus.LocalEntry.verify|verify} messages.
         * @param message LocalEntry message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.LocalEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a LocalEntry message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.LocalEntry & isthmus.LocalEntry.$Shape} LocalEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.LocalEntry & isthmus.LocalEntry.$Shape;
    }

    namespace LocalEntry {

        /** Properties of a LocalEntry. */
        interface $Properties {

            /** LocalEntry epoch */
            epoch?: (number|null);

            /** LocalEntry wallMs */
            wallMs?: (number|null);

            /** LocalEntry requests */
            requests?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a LocalEntry. */
        type $Shape = isthmus.LocalEntry.$Properties;
    }

    /**
     * Properties of a PositionEntry.
     * @deprecated Use isthmus.PositionEntry.$Properties instead.
     */
    interface IPositionEntry extends isthmus.PositionEntry.$Properties {
    }

    /** Represents a PositionEntry. */
    class PositionEntry {

        /**
         * Constructs a new PositionEntry.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.PositionEntry.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** PositionEntry position. */
        position: number;

        /** PositionEntry changes. */
        changes: Uint8Array;

        /**
         * Encodes the specified PositionEntry message. Does not implicitly {@link isthmus.PositionEntry.verify|verify} messages.
         * @param message PositionEntry message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.PositionEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a PositionEntry message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.PositionEntry & isthmus.PositionEntry.$Shape} PositionEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.PositionEntry & isthmus.PositionEntry.$Shape;
    }

    namespace PositionEntry {

        /** Properties of a PositionEntry. */
        interface $Properties {

            /** PositionEntry position */
            position?: (number|null);

            /** PositionEntry changes */
            changes?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a PositionEntry. */
        type $Shape = isthmus.PositionEntry.$Properties;
    }

    /**
     * Properties of a Batch.
     * @deprecated Use isthmus.Batch.$Properties instead.
     */
    interface IBatch extends isthmus.Batch.$Properties {
    }

    /** Represents a Batch. */
    class Batch {

        /**
         * Constructs a new Batch.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.Batch.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Batch group. */
        group: string;

        /** Batch origin. */
        origin: string;

        /** Batch epoch. */
        epoch: number;

        /** Batch sequence. */
        sequence: number;

        /** Batch stamp. */
        stamp: Uint8Array;

        /** Batch context. */
        context: Uint8Array;

        /** Batch previousHash. */
        previousHash: Uint8Array;

        /** Batch requests. */
        requests: Uint8Array;

        /** Batch outcome. */
        outcome: Uint8Array;

        /** Batch hash. */
        hash: Uint8Array;

        /**
         * Encodes the specified Batch message. Does not implicitly {@link isthmus.Batch.verify|verify} messages.
         * @param message Batch message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Batch message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.Batch & isthmus.Batch.$Shape} Batch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.Batch & isthmus.Batch.$Shape;
    }

    namespace Batch {

        /** Properties of a Batch. */
        interface $Properties {

            /** Batch group */
            group?: (string|null);

            /** Batch origin */
            origin?: (string|null);

            /** Batch epoch */
            epoch?: (number|null);

            /** Batch sequence */
            sequence?: (number|null);

            /** Batch stamp */
            stamp?: (Uint8Array|null);

            /** Batch context */
            context?: (Uint8Array|null);

            /** Batch previousHash */
            previousHash?: (Uint8Array|null);

            /** Batch requests */
            requests?: (Uint8Array|null);

            /** Batch outcome */
            outcome?: (Uint8Array|null);

            /** Batch hash */
            hash?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Batch. */
        type $Shape = isthmus.Batch.$Properties;
    }

    /**
     * Properties of a Forward.
     * @deprecated Use isthmus.Forward.$Properties instead.
     */
    interface IForward extends isthmus.Forward.$Properties {
    }

    /** Represents a Forward. */
    class Forward {

        /**
         * Constructs a new Forward.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.Forward.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Forward group. */
        group: string;

        /** Forward requests. */
        requests: Uint8Array[];

        /** Forward term. */
        term: number;

        /** Forward nonce. */
        nonce: number;

        /** Forward number. */
        number: number;

        /** Forward again. */
        again: boolean;

        /**
         * Encodes the specified Forward message. Does not implicitly {@link isthmus.Forward.verify|verify} messages.
         * @param message Forward message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.Forward.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Forward message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.Forward & isthmus.Forward.$Shape} Forward
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.Forward & isthmus.Forward.$Shape;
    }

    namespace Forward {

        /** Properties of a Forward. */
        interface $Properties {

            /** Forward group */
            group?: (string|null);

            /** Forward requests */
            requests?: (Uint8Array[]|null);

            /** Forward term */
            term?: (number|null);

            /** Forward nonce */
            nonce?: (number|null);

            /** Forward number */
            number?: (number|null);

            /** Forward again */
            again?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Forward. */
        type $Shape = isthmus.Forward.$Properties;
    }

    /**
     * Properties of a ForwardReply.
     * @deprecated Use isthmus.ForwardReply.$Properties instead.
     */
    interface IForwardReply extends isthmus.ForwardReply.$Properties {
    }

    /** Represents a ForwardReply. */
    class ForwardReply {

        /**
         * Constructs a new ForwardReply.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.ForwardReply.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ForwardReply group. */
        group: string;

        /** ForwardReply ids. */
        ids: Uint8Array[];

        /** ForwardReply code. */
        code: string;

        /** ForwardReply term. */
        term: number;

        /** ForwardReply taken. */
        taken: number;

        /** ForwardReply refused. */
        refused: number;

        /**
         * Encodes the specified ForwardReply message. Does not implicitly {@link isthmus.ForwardReply.verify|verify} messages.
         * @param message ForwardReply message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.ForwardReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ForwardReply message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.ForwardReply & isthmus.ForwardReply.$Shape} ForwardReply
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.ForwardReply & isthmus.ForwardReply.$Shape;
    }

    namespace ForwardReply {

        /** Properties of a ForwardReply. */
        interface $Properties {

            /** ForwardReply group */
            group?: (string|null);

            /** ForwardReply ids */
            ids?: (Uint8Array[]|null);

            /** ForwardReply code */
            code?: (string|null);

            /** ForwardReply term */
            term?: (number|null);

            /** ForwardReply taken */
            taken?: (number|null);

            /** ForwardReply refused */
            refused?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ForwardReply. */
        type $Shape = isthmus.ForwardReply.$Properties;
    }

    /**
     * Properties of a ReportRequest.
     * @deprecated Use isthmus.ReportRequest.$Properties instead.
     */
    interface IReportRequest extends isthmus.ReportRequest.$Properties {
    }

    /** Represents a ReportRequest. */
    class ReportRequest {

        /**
         * Constructs a new ReportRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.ReportRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ReportRequest number. */
        number: number;

        /**
         * Encodes the specified ReportRequest message. Does not implicitly {@link isthmus.ReportRequest.verify|verify} messages.
         * @param message ReportRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.ReportRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReportRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.ReportRequest & isthmus.ReportRequest.$Shape} ReportRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.ReportRequest & isthmus.ReportRequest.$Shape;
    }

    namespace ReportRequest {

        /** Properties of a ReportRequest. */
        interface $Properties {

            /** ReportRequest number */
            number?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReportRequest. */
        type $Shape = isthmus.ReportRequest.$Properties;
    }

    /**
     * Properties of a Report.
     * @deprecated Use isthmus.Report.$Properties instead.
     */
    interface IReport extends isthmus.Report.$Properties {
    }

    /** Represents a Report. */
    class Report {

        /**
         * Constructs a new Report.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.Report.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Report number. */
        number: number;

        /** Report json. */
        json: Uint8Array;

        /**
         * Encodes the specified Report message. Does not implicitly {@link isthmus.Report.verify|verify} messages.
         * @param message Report message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.Report.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Report message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.Report & isthmus.Report.$Shape} Report
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.Report & isthmus.Report.$Shape;
    }

    namespace Report {

        /** Properties of a Report. */
        interface $Properties {

            /** Report number */
            number?: (number|null);

            /** Report json */
            json?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Report. */
        type $Shape = isthmus.Report.$Properties;
    }

    /**
     * Properties of a TakeLeadership.
     * @deprecated Use isthmus.TakeLeadership.$Properties instead.
     */
    interface ITakeLeadership extends isthmus.TakeLeadership.$Properties {
    }

    /** Represents a TakeLeadership. */
    class TakeLeadership {

        /**
         * Constructs a new TakeLeadership.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.TakeLeadership.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TakeLeadership group. */
        group: string;

        /**
         * Encodes the specified TakeLeadership message. Does not implicitly {@link isthmus.TakeLeadership.verify|verify} messages.
         * @param message TakeLeadership message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.TakeLeadership.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TakeLeadership message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.TakeLeadership & isthmus.TakeLeadership.$Shape} TakeLeadership
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.TakeLeadership & isthmus.TakeLeadership.$Shape;
    }

    namespace TakeLeadership {

        /** Properties of a TakeLeadership. */
        interface $Properties {

            /** TakeLeadership group */
            group?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TakeLeadership. */
        type $Shape = isthmus.TakeLeadership.$Properties;
    }

    /**
     * Properties of an Announce.
     * @deprecated Use isthmus.Announce.$Properties instead.
     */
    interface IAnnounce extends isthmus.Announce.$Properties {
    }

    /** Represents an Announce. */
    class Announce {

        /**
         * Constructs a new Announce.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.Announce.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Announce group. */
        group: string;

        /** Announce origin. */
        origin: string;

        /** Announce term. */
        term: number;

        /** Announce sequence. */
        sequence: number;

        /** Announce hash. */
        hash: Uint8Array;

        /** Announce leader. */
        leader: boolean;

        /**
         * Encodes the specified Announce message. Does not implicitly {@link isthmus.Announce.verify|verify} messages.
         * @param message Announce message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.Announce.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Announce message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.Announce & isthmus.Announce.$Shape} Announce
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.Announce & isthmus.Announce.$Shape;
    }

    namespace Announce {

        /** Properties of an Announce. */
        interface $Properties {

            /** Announce group */
            group?: (string|null);

            /** Announce origin */
            origin?: (string|null);

            /** Announce term */
            term?: (number|null);

            /** Announce sequence */
            sequence?: (number|null);

            /** Announce hash */
            hash?: (Uint8Array|null);

            /** Announce leader */
            leader?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Announce. */
        type $Shape = isthmus.Announce.$Properties;
    }

    /**
     * Properties of a Subscribe.
     * @deprecated Use isthmus.Subscribe.$Properties instead.
     */
    interface ISubscribe extends isthmus.Subscribe.$Properties {
    }

    /** Represents a Subscribe. */
    class Subscribe {

        /**
         * Constructs a new Subscribe.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.Subscribe.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Subscribe group. */
        group: string;

        /** Subscribe origin. */
        origin: string;

        /** Subscribe stream. */
        stream: number;

        /** Subscribe after. */
        after: number;

        /** Subscribe hash. */
        hash: Uint8Array;

        /** Subscribe creditBytes. */
        creditBytes: number;

        /**
         * Encodes the specified Subscribe message. Does not implicitly {@link isthmus.Subscribe.verify|verify} messages.
         * @param message Subscribe message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.Subscribe.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Subscribe message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.Subscribe & isthmus.Subscribe.$Shape} Subscribe
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.Subscribe & isthmus.Subscribe.$Shape;
    }

    namespace Subscribe {

        /** Properties of a Subscribe. */
        interface $Properties {

            /** Subscribe group */
            group?: (string|null);

            /** Subscribe origin */
            origin?: (string|null);

            /** Subscribe stream */
            stream?: (number|null);

            /** Subscribe after */
            after?: (number|null);

            /** Subscribe hash */
            hash?: (Uint8Array|null);

            /** Subscribe creditBytes */
            creditBytes?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Subscribe. */
        type $Shape = isthmus.Subscribe.$Properties;
    }

    /**
     * Properties of a StreamBatch.
     * @deprecated Use isthmus.StreamBatch.$Properties instead.
     */
    interface IStreamBatch extends isthmus.StreamBatch.$Properties {
    }

    /** Represents a StreamBatch. */
    class StreamBatch {

        /**
         * Constructs a new StreamBatch.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.StreamBatch.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StreamBatch stream. */
        stream: number;

        /** StreamBatch batch. */
        batch?: (isthmus.Batch.$Properties|null);

        /**
         * Encodes the specified StreamBatch message. Does not implicitly {@link isthmus.StreamBatch.verify|verify} messages.
         * @param message StreamBatch message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.StreamBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StreamBatch message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.StreamBatch & isthmus.StreamBatch.$Shape} StreamBatch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.StreamBatch & isthmus.StreamBatch.$Shape;
    }

    namespace StreamBatch {

        /** Properties of a StreamBatch. */
        interface $Properties {

            /** StreamBatch stream */
            stream?: (number|null);

            /** StreamBatch batch */
            batch?: (isthmus.Batch.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StreamBatch. */
        type $Shape = isthmus.StreamBatch.$Properties;
    }

    /**
     * Properties of an Acknowledge.
     * @deprecated Use isthmus.Acknowledge.$Properties instead.
     */
    interface IAcknowledge extends isthmus.Acknowledge.$Properties {
    }

    /** Represents an Acknowledge. */
    class Acknowledge {

        /**
         * Constructs a new Acknowledge.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.Acknowledge.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Acknowledge group. */
        group: string;

        /** Acknowledge origin. */
        origin: string;

        /** Acknowledge stream. */
        stream: number;

        /** Acknowledge sequence. */
        sequence: number;

        /** Acknowledge hash. */
        hash: Uint8Array;

        /** Acknowledge creditBytes. */
        creditBytes: number;

        /**
         * Encodes the specified Acknowledge message. Does not implicitly {@link isthmus.Acknowledge.verify|verify} messages.
         * @param message Acknowledge message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.Acknowledge.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Acknowledge message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.Acknowledge & isthmus.Acknowledge.$Shape} Acknowledge
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.Acknowledge & isthmus.Acknowledge.$Shape;
    }

    namespace Acknowledge {

        /** Properties of an Acknowledge. */
        interface $Properties {

            /** Acknowledge group */
            group?: (string|null);

            /** Acknowledge origin */
            origin?: (string|null);

            /** Acknowledge stream */
            stream?: (number|null);

            /** Acknowledge sequence */
            sequence?: (number|null);

            /** Acknowledge hash */
            hash?: (Uint8Array|null);

            /** Acknowledge creditBytes */
            creditBytes?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Acknowledge. */
        type $Shape = isthmus.Acknowledge.$Properties;
    }

    /**
     * Properties of a StreamEnd.
     * @deprecated Use isthmus.StreamEnd.$Properties instead.
     */
    interface IStreamEnd extends isthmus.StreamEnd.$Properties {
    }

    /** Represents a StreamEnd. */
    class StreamEnd {

        /**
         * Constructs a new StreamEnd.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.StreamEnd.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StreamEnd group. */
        group: string;

        /** StreamEnd origin. */
        origin: string;

        /** StreamEnd stream. */
        stream: number;

        /** StreamEnd reason. */
        reason: string;

        /**
         * Encodes the specified StreamEnd message. Does not implicitly {@link isthmus.StreamEnd.verify|verify} messages.
         * @param message StreamEnd message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.StreamEnd.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StreamEnd message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.StreamEnd & isthmus.StreamEnd.$Shape} StreamEnd
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.StreamEnd & isthmus.StreamEnd.$Shape;
    }

    namespace StreamEnd {

        /** Properties of a StreamEnd. */
        interface $Properties {

            /** StreamEnd group */
            group?: (string|null);

            /** StreamEnd origin */
            origin?: (string|null);

            /** StreamEnd stream */
            stream?: (number|null);

            /** StreamEnd reason */
            reason?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StreamEnd. */
        type $Shape = isthmus.StreamEnd.$Properties;
    }

    /**
     * Properties of a ControlCommand.
     * @deprecated Use isthmus.ControlCommand.$Properties instead.
     */
    interface IControlCommand extends isthmus.ControlCommand.$Properties {
    }

    /** Represents a ControlCommand. */
    class ControlCommand {

        /**
         * Constructs a new ControlCommand.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.ControlCommand.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ControlCommand id. */
        id: Uint8Array;

        /** ControlCommand setLink. */
        setLink?: (isthmus.SetLink.$Properties|null);

        /** ControlCommand addNode. */
        addNode?: (isthmus.AddNode.$Properties|null);

        /** ControlCommand removeNode. */
        removeNode?: (isthmus.RemoveNode.$Properties|null);

        /** ControlCommand drainNode. */
        drainNode?: (isthmus.DrainNode.$Properties|null);

        /** ControlCommand identifyNode. */
        identifyNode?: (isthmus.IdentifyNode.$Properties|null);

        /** ControlCommand change. */
        change?: ("setLink"|"addNode"|"removeNode"|"drainNode"|"identifyNode");

        /**
         * Encodes the specified ControlCommand message. Does not implicitly {@link isthmus.ControlCommand.verify|verify} messages.
         * @param message ControlCommand message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.ControlCommand.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ControlCommand message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.ControlCommand & isthmus.ControlCommand.$Shape} ControlCommand
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.ControlCommand & isthmus.ControlCommand.$Shape;
    }

    namespace ControlCommand {

        /** Properties of a ControlCommand. */
        interface $Properties {

            /** ControlCommand id */
            id?: (Uint8Array|null);

            /** ControlCommand setLink */
            setLink?: (isthmus.SetLink.$Properties|null);

            /** ControlCommand addNode */
            addNode?: (isthmus.AddNode.$Properties|null);

            /** ControlCommand removeNode */
            removeNode?: (isthmus.RemoveNode.$Properties|null);

            /** ControlCommand drainNode */
            drainNode?: (isthmus.DrainNode.$Properties|null);

            /** ControlCommand identifyNode */
            identifyNode?: (isthmus.IdentifyNode.$Properties|null);

            /** ControlCommand change */
            change?: ("setLink"|"addNode"|"removeNode"|"drainNode"|"identifyNode");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a ControlCommand. */
        type $Shape = {
          id?: Uint8Array|null;
          setLink?: isthmus.SetLink.$Shape|null;
          addNode?: isthmus.AddNode.$Shape|null;
          removeNode?: isthmus.RemoveNode.$Shape|null;
          drainNode?: isthmus.DrainNode.$Shape|null;
          identifyNode?: isthmus.IdentifyNode.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ change?: undefined; setLink?: null; addNode?: null; removeNode?: null; drainNode?: null; identifyNode?: null }|{ change?: "setLink"; setLink: isthmus.SetLink.$Shape; addNode?: null; removeNode?: null; drainNode?: null; identifyNode?: null }|{ change?: "addNode"; setLink?: null; addNode: isthmus.AddNode.$Shape; removeNode?: null; drainNode?: null; identifyNode?: null }|{ change?: "removeNode"; setLink?: null; addNode?: null; removeNode: isthmus.RemoveNode.$Shape; drainNode?: null; identifyNode?: null }|{ change?: "drainNode"; setLink?: null; addNode?: null; removeNode?: null; drainNode: isthmus.DrainNode.$Shape; identifyNode?: null }|{ change?: "identifyNode"; setLink?: null; addNode?: null; removeNode?: null; drainNode?: null; identifyNode: isthmus.IdentifyNode.$Shape })
        );
    }

    /**
     * Properties of a SetLink.
     * @deprecated Use isthmus.SetLink.$Properties instead.
     */
    interface ISetLink extends isthmus.SetLink.$Properties {
    }

    /** Represents a SetLink. */
    class SetLink {

        /**
         * Constructs a new SetLink.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.SetLink.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SetLink from. */
        from: string;

        /** SetLink to. */
        to: string;

        /** SetLink paused. */
        paused: boolean;

        /**
         * Encodes the specified SetLink message. Does not implicitly {@link isthmus.SetLink.verify|verify} messages.
         * @param message SetLink message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.SetLink.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SetLink message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.SetLink & isthmus.SetLink.$Shape} SetLink
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.SetLink & isthmus.SetLink.$Shape;
    }

    namespace SetLink {

        /** Properties of a SetLink. */
        interface $Properties {

            /** SetLink from */
            from?: (string|null);

            /** SetLink to */
            to?: (string|null);

            /** SetLink paused */
            paused?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SetLink. */
        type $Shape = isthmus.SetLink.$Properties;
    }

    /**
     * Properties of an AddNode.
     * @deprecated Use isthmus.AddNode.$Properties instead.
     */
    interface IAddNode extends isthmus.AddNode.$Properties {
    }

    /** Represents an AddNode. */
    class AddNode {

        /**
         * Constructs a new AddNode.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.AddNode.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** AddNode region. */
        region: string;

        /** AddNode node. */
        node: string;

        /** AddNode api. */
        api: string;

        /** AddNode cluster. */
        cluster: string;

        /**
         * Encodes the specified AddNode message. Does not implicitly {@link isthmus.AddNode.verify|verify} messages.
         * @param message AddNode message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.AddNode.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an AddNode message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.AddNode & isthmus.AddNode.$Shape} AddNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.AddNode & isthmus.AddNode.$Shape;
    }

    namespace AddNode {

        /** Properties of an AddNode. */
        interface $Properties {

            /** AddNode region */
            region?: (string|null);

            /** AddNode node */
            node?: (string|null);

            /** AddNode api */
            api?: (string|null);

            /** AddNode cluster */
            cluster?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an AddNode. */
        type $Shape = isthmus.AddNode.$Properties;
    }

    /**
     * Properties of a RemoveNode.
     * @deprecated Use isthmus.RemoveNode.$Properties instead.
     */
    interface IRemoveNode extends isthmus.RemoveNode.$Properties {
    }

    /** Represents a RemoveNode. */
    class RemoveNode {

        /**
         * Constructs a new RemoveNode.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.RemoveNode.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RemoveNode node. */
        node: string;

        /**
         * Encodes the specified RemoveNode message. Does not implicitly {@link isthmus.RemoveNode.verify|verify} messages.
         * @param message RemoveNode message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.RemoveNode.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RemoveNode message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.RemoveNode & isthmus.RemoveNode.$Shape} RemoveNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.RemoveNode & isthmus.RemoveNode.$Shape;
    }

    namespace RemoveNode {

        /** Properties of a RemoveNode. */
        interface $Properties {

            /** RemoveNode node */
            node?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RemoveNode. */
        type $Shape = isthmus.RemoveNode.$Properties;
    }

    /**
     * Properties of a DrainNode.
     * @deprecated Use isthmus.DrainNode.$Properties instead.
     */
    interface IDrainNode extends isthmus.DrainNode.$Properties {
    }

    /** Represents a DrainNode. */
    class DrainNode {

        /**
         * Constructs a new DrainNode.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.DrainNode.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** DrainNode node. */
        node: string;

        /** DrainNode draining. */
        draining: boolean;

        /**
         * Encodes the specified DrainNode message. Does not implicitly {@link isthmus.DrainNode.verify|verify} messages.
         * @param message DrainNode message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.DrainNode.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a DrainNode message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.DrainNode & isthmus.DrainNode.$Shape} DrainNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.DrainNode & isthmus.DrainNode.$Shape;
    }

    namespace DrainNode {

        /** Properties of a DrainNode. */
        interface $Properties {

            /** DrainNode node */
            node?: (string|null);

            /** DrainNode draining */
            draining?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a DrainNode. */
        type $Shape = isthmus.DrainNode.$Properties;
    }

    /**
     * Properties of an IdentifyNode.
     * @deprecated Use isthmus.IdentifyNode.$Properties instead.
     */
    interface IIdentifyNode extends isthmus.IdentifyNode.$Properties {
    }

    /** Represents an IdentifyNode. */
    class IdentifyNode {

        /**
         * Constructs a new IdentifyNode.
         * @param [properties] Properties to set
         */
        constructor(properties?: isthmus.IdentifyNode.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** IdentifyNode node. */
        node: string;

        /** IdentifyNode dataId. */
        dataId: Uint8Array;

        /**
         * Encodes the specified IdentifyNode message. Does not implicitly {@link isthmus.IdentifyNode.verify|verify} messages.
         * @param message IdentifyNode message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: isthmus.IdentifyNode.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an IdentifyNode message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {isthmus.IdentifyNode & isthmus.IdentifyNode.$Shape} IdentifyNode
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): isthmus.IdentifyNode & isthmus.IdentifyNode.$Shape;
    }

    namespace IdentifyNode {

        /** Properties of an IdentifyNode. */
        interface $Properties {

            /** IdentifyNode node */
            node?: (string|null);

            /** IdentifyNode dataId */
            dataId?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an IdentifyNode. */
        type $Shape = isthmus.IdentifyNode.$Properties;
    }
}
