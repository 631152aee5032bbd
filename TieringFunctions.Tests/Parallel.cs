// Most tests wait for other programs. Classes of tests run side by side; what looks at the whole process runs alone.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(5)]
