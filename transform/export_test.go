package transform

// RunSets is Run with other sets, so that tests can declare what does not hold.
var RunSets = run
