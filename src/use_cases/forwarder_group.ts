/**
 * The consumer group on the buffer that brings events on. It must be a required group of that log:
 * what it has not read must not be taken away.
 */
export const forwarderGroup = "forwarder";
