/** The version of the engine, written beside every verdict. It moves whenever a judgement may come out differently. */
export const ENGINE_VERSION = '0.2.8'
