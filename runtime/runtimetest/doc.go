// Package runtimetest helps to test actors without sleeping.
//
// [Explore] runs a small system in some thousands of the orders in which things may happen, each of which can be repeated.
package runtimetest
