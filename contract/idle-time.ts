/**
 * How long (real ms) a seat that holds up the clock may stay idle before a wait is requested for it, and a segment may lie with the network
 * seat before it is let pass. The page of whoever waits shows this time. This file has no schemas, so that pages can load it.
 */
export const IDLE_AFTER_MS = 20_000
