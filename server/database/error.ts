/** A fault of the database that the operator can correct. The message says what is wrong and what to do. */
export class DatabaseError extends Error {}
