// Package bot is the core of the house: the words of the domain, the engine, and
// the two contracts (Adapter, Store) with everything outside.
package bot
