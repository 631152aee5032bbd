// The container job whose executions are the agents. It has no secrets: the agent signs in as itself, everywhere.
param location string
param name string
param jobName string
param tags object
param workspaceId string
param registryServer string
@description('Of the agent\'s image, sha256:...: what was tested runs, whatever a tag is moved to.')
@minLength(71)
@maxLength(71)
param agentDigest string
param agentIdentityId string
param agentClientId string
param appIdentityName string
param appPrincipalId string
param jobsContainerUrl string
param deadlineHours int

@description('The subnet in which agents run; empty for none. It cannot be changed once the environment is there.')
param subnetId string
param transferSettings object

@description('Cores of an agent; AzCopy between two services needs few, hashing needs them all.')
param cores string = '2'

@description('Memory of an agent: twice the cores in Gi.')
param memory string = '4Gi'

var containerAppsJobsOperator = 'b9a307c4-5aa3-4b52-ba60-2b17c136cd7b'

var signIn = {
  TIERING_JOBS: jobsContainerUrl
  AZURE_CLIENT_ID: agentClientId
  AZCOPY_AUTO_LOGIN_TYPE: 'MSI'
  AZCOPY_MSI_CLIENT_ID: agentClientId
  AZCOPY_BUFFER_GB: '1'
  // An execution with more than one core has 8 GiB of disk for everything.
  AZCOPY_DISK_BUDGET_GB: '5'
}

var network = {
  infrastructureSubnetId: subnetId
  internal: true
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'tiering-${name}-jobs'
  location: location
  tags: tags
  properties: {
    // By the diagnostic setting below, and so without the workspace's key.
    appLogsConfiguration: { destination: 'azure-monitor' }
    vnetConfiguration: subnetId == '' ? null : network
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

resource environmentLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: environment
  name: 'agents'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'ContainerAppConsoleLogs', enabled: true }
      { category: 'ContainerAppSystemLogs', enabled: true }
    ]
  }
}

resource job 'Microsoft.App/jobs@2025-01-01' = {
  name: jobName
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${agentIdentityId}': {} }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      triggerType: 'Manual'
      manualTriggerConfig: { parallelism: 1, replicaCompletionCount: 1 }
      // Attempts are the service's business: it numbers them, and never has two at once.
      replicaRetryLimit: 0
      // A day above the deadline: an operation ends by its own rules first. Container Apps names no longest time (the pages "Jobs" and "Quotas"); an
      // execution that the platform ends before, with its node, is followed by the next attempt.
      replicaTimeout: (deadlineHours + 24) * 3600
      registries: [{ server: registryServer, identity: agentIdentityId }]
    }
    template: {
      containers: [
        {
          name: 'agent'
          image: '${registryServer}/tiering-agent@${agentDigest}'
          command: ['dotnet', '/agent/tiering-agent.dll'] // the image's own, for an execution that names its arguments alone
          resources: { cpu: json(cores), memory: memory }
          env: [for setting in items(union(signIn, transferSettings)): { name: setting.key, value: setting.value }]
          // An execution that names its own arguments cannot name mounts: it may find the image's own /work and /tmp instead, on the same disk.
          volumeMounts: [
            { volumeName: 'work', mountPath: '/work' }
            { volumeName: 'tmp', mountPath: '/tmp' }
          ]
        }
      ]
      volumes: [
        { name: 'work', storageType: 'EmptyDir' }
        { name: 'tmp', storageType: 'EmptyDir' }
      ]
    }
  }
}

resource appStarts 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: job
  name: guid(job.id, appIdentityName, containerAppsJobsOperator)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', containerAppsJobsOperator)
  }
}
