// Package upkeep is what an operator does to a lake beside filling it: look at what it holds ([List]), check that
// it is whole ([Verify]) and clean it up ([Clean]).
//
// It starts from a listing of all objects, which tells what lies where, and reads only the manifests that it needs.
package upkeep
