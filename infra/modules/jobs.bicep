// The container job whose executions are the agents. It has no secrets: the agent signs in as itself, everywhere.
param location string
param name string
param tags object
param workspaceName string
param registryServer string
param agentVersion string
param agentIdentityId string
param agentClientId string
param appPrincipalId string
param jobsContainerUrl string
param deadlineHours int
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

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'tiering-${name}-jobs'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

resource job 'Microsoft.App/jobs@2025-01-01' = {
  name: 'tiering-${name}-agent'
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
      // A day above the deadline: an operation ends by its own rules first.
      replicaTimeout: (deadlineHours + 24) * 3600
      registries: [{ server: registryServer, identity: agentIdentityId }]
    }
    template: {
      containers: [
        {
          name: 'agent'
          image: '${registryServer}/tiering-agent:${agentVersion}'
          resources: { cpu: json(cores), memory: memory }
          env: [for setting in items(union(signIn, transferSettings)): { name: setting.key, value: setting.value }]
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
  name: guid(job.id, appPrincipalId, containerAppsJobsOperator)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', containerAppsJobsOperator)
  }
}

output jobId string = job.id
