// Two identities, so that the agent, which reads what people put there, can do less than the service.
param location string
param appIdentityName string
param agentIdentityName string
param tags object

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: appIdentityName
  location: location
  tags: tags
}

resource agent 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: agentIdentityName
  location: location
  tags: tags
}

output appId string = app.id
output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output agentId string = agent.id
output agentClientId string = agent.properties.clientId
output agentPrincipalId string = agent.properties.principalId
