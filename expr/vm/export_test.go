package vm

// CompileInBlocks is Compile with blocks of so many entries, at least 2, for long elementwise operations.
var CompileInBlocks = compileInBlocks
