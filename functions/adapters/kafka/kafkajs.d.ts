declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** One per connection to a broker: requests that wait for room or for the end of a throttle. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/index.js' {
  /** Encodes one record of a batch. */
  function encodeRecord(record: object): { readonly buffer: Buffer };
  export = encodeRecord;
}
