//go:build !race

package flows_test

// stride: every cell is tried.
const stride = 1
