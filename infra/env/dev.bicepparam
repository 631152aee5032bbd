using '../main.bicep'

param name = 'dev'
param environment = 'dev'
param dataStorageName = 'tieringdevprojects'
param createDataStorage = true
param softDeleteDays = 7
param alertEmails = ['tiering-dev@example.org']
param durableMonitor = false
param agentVersion = readEnvironmentVariable('AGENT_VERSION', '')
