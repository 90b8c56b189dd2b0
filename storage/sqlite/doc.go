// Package sqlite is the store of the house.
package sqlite
