using Tiering.Emulators;

return await EmulatorProgram.RunAsync(args);
