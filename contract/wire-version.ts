/**
 * The version of the events between page and server, including the form of views. Raise it whenever a page that was loaded before a
 * change could not read what the server sends after it, or the server what that page sends. This file has no schemas, so that pages
 * can load it.
 */
export const WIRE_VERSION = 5
